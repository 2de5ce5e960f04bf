package cloud.lvs.backup.provider.k3s.kine;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Writes what the API server stores encrypted, and the configuration that says by which keys. */
public final class Encrypted {
    /**
     * A key of the API server.
     *
     * @param provider {@code aescbc} or {@code aesgcm}, or another for the configuration alone
     * @param name as the configuration calls it
     * @param secret the key itself
     */
    public record Key(String provider, String name, byte[] secret) {
        /** With a secret made of one byte. */
        public static Key of(String provider, String name, int filling) {
            byte[] secret = new byte[32];
            Arrays.fill(secret, (byte) filling);
            return new Key(provider, name, secret);
        }
    }

    private Encrypted() {}

    /** The configuration k3s writes: for Secrets, these keys in this order, and {@code identity}. */
    public static byte[] configuration(Key... keys) {
        return configuration(Stream.concat(Stream.of(keys).map(Encrypted::provider), Stream.of("{\"identity\":{}}"))
                .toList());
    }

    /** As {@link #configuration(Key...)}, without {@code identity}. */
    public static byte[] configurationWithoutIdentity(Key... keys) {
        return configuration(Stream.of(keys).map(Encrypted::provider).toList());
    }

    private static byte[] configuration(List<String> providers) {
        return ("{\"kind\":\"EncryptionConfiguration\",\"apiVersion\":\"apiserver.config.k8s.io/v1\",\"resources\":"
                        + "[{\"resources\":[\"secrets\"],\"providers\":["
                        + providers.stream().collect(Collectors.joining(",")) + "]}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String provider(Key key) {
        return "{\"" + key.provider() + "\":{\"keys\":[{\"name\":\"" + key.name() + "\",\"secret\":\""
                + Base64.getEncoder().encodeToString(key.secret()) + "\"}]}}";
    }

    /** A Secret of no kind in particular, as it is stored under this name. */
    public static byte[] secret(Key key, String name) {
        return value(key, name, StoredValue.at(name, "the content of " + name));
    }

    /** Any bytes, as they are stored under this name. */
    public static byte[] value(Key key, String name, byte[] plain) {
        byte[] nonce = Arrays.copyOf("a nonce of sixteen".getBytes(StandardCharsets.US_ASCII), nonceBytes(key));
        try {
            Cipher cipher;
            if (key.provider().equals("aesgcm")) {
                cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(
                        Cipher.ENCRYPT_MODE, new SecretKeySpec(key.secret(), "AES"), new GCMParameterSpec(128, nonce));
                cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
            } else {
                cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
                cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key.secret(), "AES"), new IvParameterSpec(nonce));
            }
            return prefixed(key.provider() + ":v1:" + key.name(), nonce, cipher.doFinal(plain));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has these ciphers", e);
        }
    }

    /** {@code k8s:enc:<head>:} and these bytes. */
    public static byte[] prefixed(String head, byte[]... parts) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.writeBytes(("k8s:enc:" + head + ":").getBytes(StandardCharsets.UTF_8));
        for (byte[] part : parts) {
            value.writeBytes(part);
        }
        return value.toByteArray();
    }

    private static int nonceBytes(Key key) {
        return key.provider().equals("aesgcm") ? 12 : 16;
    }
}
