package cloud.lvs.backup.provider.k3s.secrets;

import cloud.lvs.backup.spi.Check;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The proof that a datastore and a token belong together: k3s starts only if the token decrypts the datastore's bootstrap
 * row (k3s, {@code pkg/cluster/storage.go}).
 *
 * @param checks what was checked; one that failed means that k3s would refuse to start
 * @param data what the token decrypted, or null
 * @param origin whether k3s can make its files anew from this datastore
 */
public record TokenPairing(List<Check> checks, @Nullable BootstrapData data, Origin origin) {
    /** Where k3s finds the CAs and keys that {@code server/tls} and {@code server/cred} are made from. */
    public enum Origin {
        DATASTORE,
        /** The datastore has no bootstrap data: the files on disk are all there is. */
        DISK
    }

    private static final String NAME = "token";
    /** What k3s wrote before it had a token; it moves the row under the token when it starts. */
    private static final String LEGACY_PASSWORD = "";

    /** Tries a token, if there is one, on a closed copy of a datastore. */
    public static TokenPairing of(Connection copy, @Nullable ServerToken token) throws SQLException {
        SortedMap<String, byte[]> rows = rows(copy);
        List<Check> checks = new ArrayList<>();
        BootstrapData data = null;
        if (token == null) {
            checks.add(Check.warned(
                    NAME, "there is no token: the datastore can only be started with the token it was made with"));
        } else if (rows.isEmpty()) {
            checks.add(Check.warned(
                    NAME,
                    "the datastore has no bootstrap row, so no token can be proved to fit: k3s is very old, or was never"
                            + " started to the end"));
        } else {
            String password = rows.containsKey(BootstrapData.keyOf(token.password()))
                            || !rows.containsKey(BootstrapData.keyOf(LEGACY_PASSWORD))
                    ? token.password()
                    : LEGACY_PASSWORD;
            byte[] row = rows.get(BootstrapData.keyOf(password));
            if (row == null) {
                checks.add(Check.failed(
                        NAME,
                        "the datastore's bootstrap data is encrypted with another token: k3s would refuse to start with"
                                + " this one"));
            } else if (row.length == 0) {
                checks.add(
                        Check.warned(
                                NAME,
                                "the bootstrap row is empty: k3s was just starting for the first time; run again when it is up"));
            } else {
                try {
                    data = BootstrapData.decrypt(row, password);
                    checks.add(decrypted(data, password));
                    caCheck(token, data).ifPresent(checks::add);
                } catch (GeneralSecurityException e) {
                    checks.add(Check.failed(
                            NAME,
                            "the token does not decrypt the datastore's bootstrap row: k3s would refuse to start with"
                                    + " this pair"));
                }
            }
        }
        if (rows.size() > 1) {
            checks.add(Check.warned(
                    "bootstrap_rows",
                    "the datastore has " + rows.size()
                            + " bootstrap rows where one is expected; k3s warns of this too"));
        }
        boolean stored = rows.values().stream().anyMatch(row -> row.length > 0);
        return new TokenPairing(List.copyOf(checks), data, stored ? Origin.DATASTORE : Origin.DISK);
    }

    private static Check decrypted(BootstrapData data, String password) {
        String detail = "decrypts the bootstrap data (" + data.names().size() + " entries)";
        return password.equals(LEGACY_PASSWORD)
                ? Check.warned(NAME, "the bootstrap data is still encrypted without a token; restart k3s to mend it")
                : Check.passed(NAME, detail);
    }

    private static Optional<Check> caCheck(ServerToken token, BootstrapData data) {
        Optional<String> stated = token.caHash();
        Optional<String> actual = data.caHash();
        if (stated.isEmpty() || actual.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                stated.equals(actual)
                        ? Check.passed("token_ca", "the token names the datastore's cluster CA")
                        : Check.warned(
                                "token_ca",
                                "the token decrypts the bootstrap data but names another cluster CA: nodes cannot join"
                                        + " with it until k3s has rewritten it"));
    }

    /** Whether the pair is proved. */
    public boolean isProved() {
        return data != null;
    }

    private static SortedMap<String, byte[]> rows(Connection copy) throws SQLException {
        String sql = "SELECT k.name, k.value FROM kine k JOIN (SELECT max(id) AS id FROM kine"
                + " WHERE name >= '/bootstrap/' AND name < '/bootstrap0' GROUP BY name) newest USING (id)"
                + " WHERE k.deleted = 0";
        SortedMap<String, byte[]> rows = new TreeMap<>();
        try (PreparedStatement statement = copy.prepareStatement(sql);
                ResultSet found = statement.executeQuery()) {
            while (found.next()) {
                byte[] value = found.getBytes(2);
                rows.put(found.getString(1), value == null ? new byte[0] : value);
            }
        }
        return rows;
    }
}
