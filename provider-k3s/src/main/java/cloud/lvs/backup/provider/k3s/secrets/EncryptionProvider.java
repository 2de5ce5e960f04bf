package cloud.lvs.backup.provider.k3s.secrets;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.macs.Poly1305;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;

/**
 * A way in which the API server encrypts a value with a key it holds itself (Kubernetes,
 * {@code staging/src/k8s.io/apiserver/pkg/storage/value/encrypt}).
 */
enum EncryptionProvider {
    /** An initialisation vector, then blocks padded as PKCS #7 says. Nothing in it tells a wrong key from damage. */
    AESCBC("aescbc", Set.of(16, 24, 32), 32, 16) {
        @Override
        byte[] open(byte[] secret, byte[] sealed, byte[] objectKey) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(
                    Cipher.DECRYPT_MODE, new SecretKeySpec(secret, "AES"), new IvParameterSpec(sealed, 0, IV_BYTES));
            return cipher.doFinal(sealed, IV_BYTES, sealed.length - IV_BYTES);
        }
    },
    /** A nonce, ciphertext and tag; the tag covers the object's key too, so that a value cannot be moved to another. */
    AESGCM("aesgcm", Set.of(16, 24, 32), 28, 1) {
        @Override
        byte[] open(byte[] secret, byte[] sealed, byte[] objectKey) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    new SecretKeySpec(secret, "AES"),
                    new GCMParameterSpec(TAG_BITS, sealed, 0, GCM_NONCE_BYTES));
            cipher.updateAAD(objectKey);
            return cipher.doFinal(sealed, GCM_NONCE_BYTES, sealed.length - GCM_NONCE_BYTES);
        }
    },
    /** NaCl's secretbox: a nonce, the Poly1305 tag, and what XSalsa20 encrypted, the tag's own key being its first 32 bytes. */
    SECRETBOX("secretbox", Set.of(32), 40, 1) {
        @Override
        byte[] open(byte[] secret, byte[] sealed, byte[] objectKey) throws GeneralSecurityException {
            XSalsa20Engine stream = new XSalsa20Engine();
            stream.init(false, new ParametersWithIV(new KeyParameter(secret), Arrays.copyOf(sealed, BOX_NONCE_BYTES)));
            byte[] tagKey = new byte[32];
            stream.processBytes(tagKey, 0, tagKey.length, tagKey, 0);
            int body = BOX_NONCE_BYTES + BOX_TAG_BYTES;
            Poly1305 mac = new Poly1305();
            mac.init(new KeyParameter(tagKey));
            mac.update(sealed, body, sealed.length - body);
            byte[] tag = new byte[BOX_TAG_BYTES];
            mac.doFinal(tag, 0);
            if (!MessageDigest.isEqual(tag, Arrays.copyOfRange(sealed, BOX_NONCE_BYTES, body))) {
                throw new AEADBadTagException("the tag does not match");
            }
            byte[] plain = new byte[sealed.length - body];
            stream.processBytes(sealed, body, plain.length, plain, 0);
            return plain;
        }
    };

    private static final int IV_BYTES = 16;
    private static final int GCM_NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int BOX_NONCE_BYTES = 24;
    private static final int BOX_TAG_BYTES = 16;

    private final String label;
    private final Set<Integer> keyBytes;
    private final int leastBytes;
    private final int blockBytes;

    EncryptionProvider(String label, Set<Integer> keyBytes, int leastBytes, int blockBytes) {
        this.label = label;
        this.keyBytes = keyBytes;
        this.leastBytes = leastBytes;
        this.blockBytes = blockBytes;
    }

    /**
     * Decrypts.
     *
     * @param sealed what follows the value's prefix; {@link #isWhole whole}
     * @param objectKey the key of the row that holds it, e.g. {@code /registry/secrets/default/x}
     * @return the plain bytes, which the caller has to overwrite
     * @throws GeneralSecurityException if the secret does not open it
     */
    abstract byte[] open(byte[] secret, byte[] sealed, byte[] objectKey) throws GeneralSecurityException;

    /** Whether something of this length can be what this provider made. */
    boolean isWhole(int sealedBytes) {
        return sealedBytes >= leastBytes && sealedBytes % blockBytes == 0;
    }

    /** Whether a secret of this length can be its key. */
    boolean takes(int secretBytes) {
        return keyBytes.contains(secretBytes);
    }

    /** Its name in configurations and in prefixes of values. */
    String label() {
        return label;
    }

    static Optional<EncryptionProvider> named(String label) {
        return Arrays.stream(values())
                .filter(provider -> provider.label.equals(label))
                .findFirst();
    }
}
