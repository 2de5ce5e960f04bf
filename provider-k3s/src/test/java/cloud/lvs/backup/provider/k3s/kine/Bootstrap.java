package cloud.lvs.backup.provider.k3s.kine;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/** Writes what k3s stores under {@code /bootstrap/<hash>}. */
public final class Bootstrap {
    private Bootstrap() {}

    /** The files of a made-up cluster: name of the entry → content. */
    public static Map<String, byte[]> files(String cluster) {
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : new String[] {
            "ServerCA",
            "ServerCAKey",
            "ClientCA",
            "ClientCAKey",
            "RequestHeaderCA",
            "RequestHeaderCAKey",
            "ServiceKey",
            "PasswdFile",
            "IPSECKey"
        }) {
            String label = name.endsWith("CA") ? "CERTIFICATE" : "MADE UP";
            String body = Base64.getEncoder().encodeToString((cluster + " " + name).getBytes(StandardCharsets.UTF_8));
            files.put(
                    name,
                    ("-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        return files;
    }

    /** The token in its secure form, with a trailing newline as k3s writes it. */
    public static String token(String password, Map<String, byte[]> files) {
        return "K10" + sha256(files.getOrDefault("ServerCA", new byte[0])) + "::server:" + password + "\n";
    }

    /** The key of the row. */
    public static String key(String password) {
        return "/bootstrap/" + sha256(password.getBytes(StandardCharsets.UTF_8)).substring(0, 12);
    }

    /** The value of the row. Always the same for the same input, so that databases are reproducible. */
    public static byte[] seal(String password, Map<String, byte[]> files) {
        StringBuilder json = new StringBuilder("{");
        files.forEach((name, content) -> json.append(json.length() == 1 ? "" : ",")
                .append('"')
                .append(name)
                .append("\":{\"Timestamp\":\"2026-01-01T00:00:00Z\",\"Content\":\"")
                .append(Base64.getEncoder().encodeToString(content))
                .append("\"}"));
        return sealText(password, json.append('}').toString());
    }

    /** As {@link #seal}, around any plaintext. */
    public static byte[] sealText(String password, String plaintext) {
        String salt = "0123456789abcdef";
        byte[] nonce = "twelve bytes".getBytes(StandardCharsets.US_ASCII);
        try {
            byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")
                    .generateSecret(
                            new PBEKeySpec(password.toCharArray(), salt.getBytes(StandardCharsets.US_ASCII), 4096, 256))
                    .getEncoded();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
            byte[] sealed = cipher.doFinal(plaintext.getBytes(StandardCharsets.UTF_8));
            byte[] all = new byte[nonce.length + sealed.length];
            System.arraycopy(nonce, 0, all, 0, nonce.length);
            System.arraycopy(sealed, 0, all, nonce.length, sealed.length);
            return (salt + ":" + Base64.getEncoder().encodeToString(all)).getBytes(StandardCharsets.US_ASCII);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has these ciphers", e);
        }
    }

    /** What {@link #seal} sealed. */
    public static Map<String, byte[]> open(String password, byte[] row) {
        String text = new String(row, StandardCharsets.US_ASCII);
        byte[] salt = text.substring(0, text.indexOf(':')).getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = Base64.getDecoder().decode(text.substring(text.indexOf(':') + 1));
        try {
            byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), salt, 4096, 256))
                    .getEncoded();
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, sealed, 0, 12));
            String json = new String(cipher.doFinal(sealed, 12, sealed.length - 12), StandardCharsets.UTF_8);
            Map<String, byte[]> files = new TreeMap<>();
            Pattern.compile("\"([^\"]+)\":\\{\"Timestamp\":\"[^\"]*\",\"Content\":\"([^\"]*)\"")
                    .matcher(json)
                    .results()
                    .forEach(entry ->
                            files.put(entry.group(1), Base64.getDecoder().decode(entry.group(2))));
            return files;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the token does not open the row", e);
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
