package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;

/**
 * Signs manifests with Ed25519 (RFC 8032), so that a reader learns who wrote a backup: whoever knows a recipient can encrypt
 * to it. The same signatures as {@code openssl pkeyutl -sign -rawin}. Thread-safe; the key is read anew for each signature and
 * not kept.
 */
public final class ManifestSigner {
    private static final String REMEDY = "make one with: openssl genpkey -algorithm ed25519 -out FILE";

    private final Path privateKeyFile;

    /**
     * @param privateKeyFile PEM, PKCS#8, unencrypted, as {@code openssl genpkey -algorithm ed25519} writes it; touched only
     *     when something is signed
     */
    public ManifestSigner(Path privateKeyFile) {
        this.privateKeyFile = privateKeyFile;
    }

    /**
     * The signature of {@code content}, 64 raw bytes.
     *
     * @throws BackupException of kind {@code CREDENTIALS} if the key cannot be read or used
     */
    public byte[] sign(byte[] content) throws BackupException {
        try {
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(privateKey());
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw unusable("cannot be used to sign: " + e.getMessage());
        }
    }

    private PrivateKey privateKey() throws BackupException {
        String text = new String(KeyFile.read(privateKeyFile, target()), StandardCharsets.ISO_8859_1);
        if (text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")) {
            throw unusable("is protected by a passphrase, which an unattended run cannot enter");
        }
        try {
            List<byte[]> blocks = KeyFile.pemBlocks(text, "PRIVATE KEY");
            if (blocks.size() != 1) {
                throw unusable("holds " + blocks.size() + " PEM blocks 'PRIVATE KEY' instead of one");
            }
            return KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(blocks.get(0)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause, whose message may hold parts of the key.
            throw unusable("is not an Ed25519 private key in PKCS#8");
        }
    }

    private String target() {
        return "signing key " + privateKeyFile;
    }

    private BackupException unusable(String problem) {
        return new BackupException(Kind.CREDENTIALS, target(), problem, REMEDY);
    }
}
