package cloud.lvs.backup.core.pipeline;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the Ed25519 signatures that a {@link ManifestSigner}, or {@code openssl pkeyutl -sign -rawin}, made. Thread-safe; the
 * keys are read anew for each check.
 */
public final class ManifestVerifier {
    private final List<Path> publicKeyFiles;

    /**
     * @param publicKeyFiles the trusted keys, at least one file; each holds one or more in PEM, SubjectPublicKeyInfo, as
     *     {@code openssl pkey -pubout} writes them; touched only when something is verified
     */
    public ManifestVerifier(List<Path> publicKeyFiles) {
        if (publicKeyFiles.isEmpty()) {
            throw new IllegalArgumentException("no trusted public key is named, so no signature could be accepted");
        }
        this.publicKeyFiles = List.copyOf(publicKeyFiles);
    }

    /**
     * Returns if {@code signature} is one of {@code content} by a trusted key.
     *
     * @param signature 64 raw bytes; anything else is a wrong signature
     * @throws BackupException of kind {@code VERIFICATION} if it is not; of kind {@code CREDENTIALS} if a key cannot be read
     */
    public void verify(byte[] content, byte[] signature) throws BackupException {
        for (Path file : publicKeyFiles) {
            for (PublicKey key : publicKeys(file)) {
                if (isBy(key, content, signature)) {
                    return;
                }
            }
        }
        throw new BackupException(
                Kind.VERIFICATION,
                "signature of the manifest",
                "is by none of the trusted keys " + publicKeyFiles + ", or the manifest was altered",
                "do not trust this backup unless you know who wrote it; a new signing key has to be added to the trusted ones");
    }

    private static boolean isBy(PublicKey key, byte[] content, byte[] signature) throws BackupException {
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(content);
            return check.verify(signature);
        } catch (SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new BackupException(
                    Kind.FAILED, "Ed25519", "cannot be used: " + e.getMessage(), "use a Java runtime that has it", e);
        }
    }

    private static List<PublicKey> publicKeys(Path file) throws BackupException {
        String target = "public key " + file;
        String text = new String(KeyFile.read(file, target), StandardCharsets.ISO_8859_1);
        try {
            KeyFactory factory = KeyFactory.getInstance("Ed25519");
            List<PublicKey> keys = new ArrayList<>();
            for (byte[] block : KeyFile.pemBlocks(text, "PUBLIC KEY")) {
                keys.add(factory.generatePublic(new X509EncodedKeySpec(block)));
            }
            if (!keys.isEmpty()) {
                return keys;
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // Without the cause: somebody may have named the private key.
        }
        throw new BackupException(
                Kind.CREDENTIALS,
                target,
                "holds no Ed25519 public key in PEM",
                "write it with: openssl pkey -in PRIVATE_KEY_FILE -pubout -out FILE");
    }
}
