package cloud.lvs.backup.provider.k3s.secrets;

import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The files from which k3s rebuilds {@code server/tls} and {@code server/cred}: the CAs, their keys, the passwords. They
 * lie in the datastore under {@code /bootstrap/<hash>}, encrypted with the server token (k3s,
 * {@code pkg/cluster/encrypt.go} and {@code bootstrap.go}). Secret: never logged, never stored.
 */
public final class BootstrapData {
    private static final int ITERATIONS = 4096;
    private static final int KEY_BITS = 256;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    /** Where k3s writes each entry below {@code server/} (k3s, {@code pkg/daemons/control/deps}). */
    private static final Map<String, String> FILES = Map.ofEntries(
            Map.entry("ServerCA", "tls/server-ca.crt"),
            Map.entry("ServerCAKey", "tls/server-ca.key"),
            Map.entry("ClientCA", "tls/client-ca.crt"),
            Map.entry("ClientCAKey", "tls/client-ca.key"),
            Map.entry("RequestHeaderCA", "tls/request-header-ca.crt"),
            Map.entry("RequestHeaderCAKey", "tls/request-header-ca.key"),
            Map.entry("ServiceKey", "tls/service.key"),
            Map.entry("ETCDServerCA", "tls/etcd/server-ca.crt"),
            Map.entry("ETCDServerCAKey", "tls/etcd/server-ca.key"),
            Map.entry("ETCDPeerCA", "tls/etcd/peer-ca.crt"),
            Map.entry("ETCDPeerCAKey", "tls/etcd/peer-ca.key"),
            Map.entry("PasswdFile", "cred/passwd"),
            Map.entry("IPSECKey", "cred/ipsec.psk"),
            Map.entry("EncryptionConfig", DataDir.ENCRYPTION_CONFIG),
            Map.entry("EncryptionHash", "cred/encryption-state.json"));

    private final SortedMap<String, byte[]> entries;

    private BootstrapData(SortedMap<String, byte[]> entries) {
        this.entries = entries;
    }

    /** The key of the row that a token's password encrypts. */
    static String keyOf(String password) {
        return "/bootstrap/" + sha256(password.getBytes(StandardCharsets.UTF_8)).substring(0, 12);
    }

    /**
     * Decrypts a row: {@code <salt>:<base64 of nonce, ciphertext and tag>}, AES-256-GCM under PBKDF2-HMAC-SHA1.
     *
     * @throws GeneralSecurityException if the password does not open it, or it is not such a row
     */
    static BootstrapData decrypt(byte[] row, String password) throws GeneralSecurityException {
        String text = new String(row, StandardCharsets.US_ASCII);
        int colon = text.indexOf(':');
        if (colon < 1) {
            throw new GeneralSecurityException("the row is not <salt>:<base64>");
        }
        byte[] sealed;
        try {
            sealed = Base64.getDecoder().decode(text.substring(colon + 1).strip());
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("the row is not base64", e);
        }
        if (sealed.length < NONCE_BYTES + TAG_BITS / 8) {
            throw new GeneralSecurityException("the row is too short");
        }
        byte[] salt = text.substring(0, colon).getBytes(StandardCharsets.US_ASCII);
        byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")
                .generateSecret(new PBEKeySpec(password.toCharArray(), salt, ITERATIONS, KEY_BITS))
                .getEncoded();
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(key, "AES"),
                new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES));
        return parse(cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES));
    }

    /** A JSON object, name → {@code {"Timestamp", "Content": base64}}; in old clusters name → base64. */
    private static BootstrapData parse(byte[] json) throws GeneralSecurityException {
        // SQLite reads the JSON: it is at hand, and this module needs a parser for nothing else.
        String sql = "SELECT key, CASE type WHEN 'object' THEN json_extract(value, '$.Content') ELSE atom END"
                + " FROM json_each(?)";
        SortedMap<String, byte[]> entries = new TreeMap<>();
        try (Connection connection = Sqlite.inMemory();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, new String(json, StandardCharsets.UTF_8));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String content = rows.getString(2);
                    entries.put(
                            rows.getString(1),
                            content == null ? new byte[0] : Base64.getDecoder().decode(content));
                }
            }
        } catch (SQLException | IllegalArgumentException e) {
            // Not the cause's text: it may quote the plaintext.
            throw new GeneralSecurityException("what it decrypts to is not k3s bootstrap data");
        }
        return new BootstrapData(entries);
    }

    /** The names of the entries, e.g. {@code ServerCA}. */
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }

    /** What k3s writes below {@code server/}, by relative path, e.g. {@code tls/server-ca.crt}; unknown entries left out. */
    public Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        entries.forEach((name, content) -> {
            String path = FILES.get(name);
            if (path != null && content.length > 0) {
                files.put(path, content.clone());
            }
        });
        return Collections.unmodifiableMap(files);
    }

    /**
     * The hash of the cluster CA as a token states it: SHA-256 of the file if it holds one certificate, else of the
     * encoded root of its chain.
     *
     * @return lower-case hex; empty if there is no CA, or a chain without a root
     */
    public Optional<String> caHash() {
        byte[] bundle = entries.getOrDefault("ServerCA", new byte[0]);
        if (bundle.length == 0) {
            return Optional.empty();
        }
        String text = new String(bundle, StandardCharsets.US_ASCII);
        String header = "-----BEGIN CERTIFICATE-----";
        if (text.indexOf(header) == text.lastIndexOf(header)) {
            return Optional.of(sha256(bundle));
        }
        try {
            List<Certificate> chain = new ArrayList<>(
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bundle)));
            Collections.reverse(chain);
            for (Certificate certificate : chain) {
                if (certificate instanceof X509Certificate x509
                        && x509.getIssuerX500Principal().equals(x509.getSubjectX500Principal())) {
                    return Optional.of(sha256(x509.getEncoded()));
                }
            }
        } catch (CertificateException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "bootstrap data " + names();
    }
}
