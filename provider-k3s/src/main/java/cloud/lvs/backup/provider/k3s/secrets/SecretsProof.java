package cloud.lvs.backup.provider.k3s.secrets;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Unreadable;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig.Opened;
import cloud.lvs.backup.provider.k3s.secrets.EncryptionConfig.Reading;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The proof that what the API server encrypted can be read again. With {@code secrets-encryption} the Secrets in a datastore
 * are ciphertext; k3s takes the keys from the bootstrap data when it builds a server anew. If a key in use is not among
 * them, the restored API server answers "unable to transform key" and never becomes ready. So every encrypted value is
 * decrypted in memory, looked at, and overwritten: one that cannot be read is enough to keep the API server down.
 *
 * @param checks one for each key in use, and for what else is to be told
 * @param facts for a manifest
 */
public record SecretsProof(List<Check> checks, Map<String, String> facts) {
    private static final String NAME = "encryption";
    /** What is stored plain stays with SQLite. */
    private static final String LIVE_VALUES = "SELECT k.name, CASE WHEN substr(k.value, 1, 8) = CAST('"
            + EncryptedValue.PREFIX + "' AS BLOB) THEN k.value END FROM kine k JOIN (SELECT max(id) AS id FROM kine"
            + " WHERE name >= '/registry/' AND name < '/registry0' GROUP BY name) newest USING (id)"
            + " WHERE k.deleted = 0";

    /** Proves it for a closed copy, from what its backup holds. */
    public static SecretsProof of(Path copy, @Nullable TokenPairing pairing) throws IOException {
        return of(copy, pairing, null);
    }

    /**
     * As {@link #of(Path, TokenPairing)}, and compares with the server that the datastore was copied from.
     *
     * @param server its data directory, or null
     */
    public static SecretsProof of(Path copy, @Nullable TokenPairing pairing, @Nullable DataDir server)
            throws IOException {
        Prover prover = new Prover();
        try (Connection connection = Sqlite.immutable(copy)) {
            prover.prove(connection, pairing, server);
        } catch (SQLException e) {
            prover.checks.add(
                    Check.warned(NAME, "it cannot be told whether encrypted values can be read: " + e.getMessage()));
        }
        return new SecretsProof(List.copyOf(prover.checks), Map.copyOf(prover.facts));
    }

    /** @throws BackupException if it is known of a value that it cannot be read, and that is not accepted */
    public void requireReadable(BackupId backup, Unreadable unreadable) throws BackupException {
        Optional<String> failure = checks.stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .map(check -> check.name() + ": " + check.detail())
                .reduce((one, next) -> one + "; " + next);
        if (failure.isPresent() && unreadable == Unreadable.REFUSE) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "backup " + backup,
                    "would give an API server that does not become ready: " + failure.get(),
                    "restore another backup, or this one as it is with --set unreadable=accept; nothing was touched");
        }
    }

    /** The values of one key that met the same end. */
    private static final class Group {
        private final String example;
        private final Set<String> resources = new TreeSet<>();
        private long count;
        /** Of those, how many the configuration on the server's disk reads. */
        private long readOnDisk;

        Group(String example) {
            this.example = example;
        }

        String values() {
            return count + (count == 1 ? " value" : " values") + " of " + String.join(", ", resources);
        }
    }

    private record GroupKey(String key, Reading reading) implements Comparable<GroupKey> {
        @Override
        public int compareTo(GroupKey other) {
            int byKey = key.compareTo(other.key);
            return byKey == 0 ? reading.compareTo(other.reading) : byKey;
        }
    }

    /** What is known of the bootstrap data. */
    private enum Row {
        OPEN,
        ABSENT,
        /** No token, or one that does not fit. */
        CLOSED;

        static Row of(@Nullable TokenPairing pairing) {
            if (pairing == null) {
                return CLOSED;
            }
            if (pairing.data() != null) {
                return OPEN;
            }
            return pairing.origin() == TokenPairing.Origin.DISK ? ABSENT : CLOSED;
        }
    }

    private static final class Prover {
        private final List<Check> checks = new ArrayList<>();
        private final Map<String, String> facts = new TreeMap<>();
        private final Map<GroupKey, Group> groups = new TreeMap<>();

        void prove(Connection connection, @Nullable TokenPairing pairing, @Nullable DataDir server)
                throws SQLException {
            Row row = Row.of(pairing);
            Optional<EncryptionConfig> held = held(pairing == null ? null : pairing.data());
            Optional<EncryptionConfig> onDisk = server == null ? Optional.empty() : onDisk(server);
            EncryptionConfig keys = held.orElseGet(EncryptionConfig::none);
            try {
                read(connection, keys, onDisk);
                if (row == Row.OPEN && server != null && onDisk.isPresent()) {
                    checks.add(compared(held, onDisk.get(), server.encryptionConfig()));
                }
            } finally {
                keys.close();
                onDisk.ifPresent(EncryptionConfig::close);
            }
            long encrypted = 0;
            long unreadable = 0;
            long untried = 0;
            for (Map.Entry<GroupKey, Group> entry : groups.entrySet()) {
                Group group = entry.getValue();
                Check check = told(entry.getKey(), group, row, server);
                checks.add(check);
                encrypted += entry.getKey().reading() == Reading.PLAIN_REFUSED ? 0 : group.count;
                unreadable += check.status() == Check.Status.FAILED ? group.count : 0;
                untried += check.status() == Check.Status.WARNED ? group.count : 0;
            }
            if (unreadable + untried == 0) {
                checks.add(Check.passed(
                        NAME, encrypted == 0 ? "no value is encrypted" : "every encrypted value can be read"));
            }
            facts.put("encryptedValues", Long.toString(encrypted));
            facts.put("encryptedValuesUnreadable", Long.toString(unreadable));
            facts.put("encryptedValuesUntried", Long.toString(untried));
            if (!groups.isEmpty()) {
                facts.put("encryptionKeys", names());
            }
        }

        private String names() {
            return groups.keySet().stream()
                    .map(GroupKey::key)
                    .distinct()
                    .reduce((one, next) -> one + ", " + next)
                    .orElse("");
        }

        private Optional<EncryptionConfig> held(@Nullable BootstrapData data) {
            byte[] json = data == null ? null : data.files().get(DataDir.ENCRYPTION_CONFIG);
            if (json == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(EncryptionConfig.parse(json));
            } catch (GeneralSecurityException e) {
                checks.add(Check.failed("encryption_config", "what the bootstrap data holds " + e.getMessage()));
                return Optional.empty();
            } finally {
                Arrays.fill(json, (byte) 0);
            }
        }

        private Optional<EncryptionConfig> onDisk(DataDir server) {
            try {
                return EncryptionConfig.onDisk(server);
            } catch (GeneralSecurityException e) {
                checks.add(Check.warned("encryption_config", server.encryptionConfig() + " " + e.getMessage()));
                return Optional.empty();
            }
        }

        private void read(Connection connection, EncryptionConfig keys, Optional<EncryptionConfig> onDisk)
                throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(LIVE_VALUES);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String objectKey = rows.getString(1);
                    byte[] value = rows.getBytes(2);
                    read(objectKey, value == null ? new byte[0] : value, keys, onDisk);
                }
            }
        }

        private void read(String objectKey, byte[] value, EncryptionConfig keys, Optional<EncryptionConfig> onDisk) {
            Opened opened = wiped(keys.open(objectKey, value));
            if (opened.reading() == Reading.READ_PLAIN) {
                return;
            }
            Group group =
                    groups.computeIfAbsent(new GroupKey(opened.key(), opened.reading()), key -> new Group(objectKey));
            group.count++;
            group.resources.add(EncryptedValue.resourceOf(objectKey));
            if (opened.reading() != Reading.READ
                    && onDisk.isPresent()
                    && wiped(onDisk.get().open(objectKey, value)).isRead()) {
                group.readOnDisk++;
            }
        }

        private static Opened wiped(Opened opened) {
            if (opened.plain() != null) {
                Arrays.fill(opened.plain(), (byte) 0);
            }
            return opened;
        }

        private static Check told(GroupKey key, Group group, Row row, @Nullable DataDir server) {
            String name = NAME + " " + key.key();
            String example = "; the first is " + group.example;
            String onDisk = server != null && group.readOnDisk == group.count
                    ? "; " + server.encryptionConfig() + " reads them, which is not part of a backup"
                    : "";
            return switch (key.reading()) {
                case READ, READ_PLAIN -> Check.passed(name, "reads " + group.values());
                case OUTSIDE ->
                    Check.warned(
                            name,
                            group.values()
                                    + " can only be read with a key management service outside the cluster, which"
                                    + " was not asked");
                case UNKNOWN_PROVIDER ->
                    Check.warned(
                            name,
                            group.values() + " are encrypted in a way that is not known here, so that it cannot be told"
                                    + " whether they can be read" + example);
                case NO_KEY ->
                    switch (row) {
                        case OPEN ->
                            Check.failed(
                                    name,
                                    "the bootstrap data has no such key, by which " + group.values() + " would be read"
                                            + onDisk);
                        case ABSENT ->
                            Check.failed(
                                    name,
                                    "the datastore has no bootstrap data that could hold this key, by which "
                                            + group.values() + " would be read" + onDisk);
                        case CLOSED ->
                            Check.warned(
                                    name,
                                    "without the token that opens the bootstrap data it cannot be told whether the"
                                            + " key is there, by which " + group.values() + " would be read");
                    };
                case NOT_OPENED ->
                    Check.failed(
                            name,
                            "the key of that name in the bootstrap data does not open " + group.values()
                                    + ": it is another key, or they are damaged" + example + onDisk);
                case CUT_SHORT ->
                    Check.failed(name, group.values() + " are cut short, so that no key reads them" + example);
                case PLAIN_REFUSED ->
                    Check.failed(
                            name,
                            group.values() + " are stored plain, which the encryption configuration in the bootstrap"
                                    + " data does not allow: it has no provider identity" + example + onDisk);
            };
        }

        /** What k3s runs with and what it would find in the bootstrap data should not part. */
        private static Check compared(Optional<EncryptionConfig> held, EncryptionConfig onDisk, Path file) {
            if (held.isEmpty()) {
                return difference(file + " exists, but the bootstrap data holds no encryption configuration");
            }
            if (held.get().readsAs(onDisk)) {
                return Check.passed("encryption_config", "is the one on disk");
            }
            Set<String> added = held.get().lacking(onDisk);
            Set<String> gone = onDisk.lacking(held.get());
            if (added.isEmpty() && gone.isEmpty()) {
                return difference(file + " and the bootstrap data have the same keys, but use them in another way");
            }
            return difference(file + " and the bootstrap data differ:"
                    + (added.isEmpty() ? "" : " only the file has " + String.join(", ", added))
                    + (added.isEmpty() || gone.isEmpty() ? "" : ";")
                    + (gone.isEmpty() ? "" : " only the bootstrap data has " + String.join(", ", gone)));
        }

        private static Check difference(String difference) {
            return Check.warned(
                    "encryption_config",
                    difference + " (k3s secrets-encrypt status tells whether a rotation is under way)");
        }
    }
}
