package cloud.lvs.backup.provider.k3s.backup;

import cloud.lvs.backup.provider.k3s.K3sConfig.CheckDepth;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
import cloud.lvs.backup.spi.Check;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a closed copy is a whole SQLite database and a healthy kine datastore, and counts what is in it.
 *
 * @param checks in the order they were made
 * @param maxId the revision, 0 if it could not be read
 * @param compactRevision up to which revision history was compacted, 0 if unknown
 * @param objects live Kubernetes objects by resource, e.g. {@code pods → 120}
 * @param pairing whether the token fits, or null if it did not come to that
 */
public record KineChecks(
        List<Check> checks,
        long maxId,
        long compactRevision,
        SortedMap<String, Long> objects,
        @Nullable TokenPairing pairing) {

    private static final long QUICK_ABOVE_BYTES = 5_000_000_000L;
    /** kine keeps the newest 1,000 revisions and compacts every few minutes: this many means that it no longer does. */
    private static final long STUCK_COMPACTION = 200_000;

    private static final int YOUNG = 1000;
    private static final int SHOWN_PROBLEMS = 3;
    private static final Set<String> COLUMNS = Set.of(
            "id", "name", "created", "deleted", "create_revision", "prev_revision", "lease", "value", "old_value");

    /**
     * Checks a copy that nobody writes, without leaving a file beside it.
     *
     * @param copy the database; in WAL mode too, as long as it has no log
     * @param token what should fit, or null if there is none
     */
    public static KineChecks of(Path copy, CheckDepth depth, @Nullable ServerToken token) throws IOException {
        Checker checker = new Checker(copy, depth, token);
        checker.run();
        return new KineChecks(
                List.copyOf(checker.checks),
                checker.maxId,
                checker.compactRevision,
                Collections.unmodifiableSortedMap(checker.objects),
                checker.pairing);
    }

    /** Live objects of all resources. */
    public long liveObjects() {
        return objects.values().stream().mapToLong(Long::longValue).sum();
    }

    /** What failed, in one line; empty if nothing did. */
    public Optional<String> failure() {
        List<String> failed = checks.stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .map(check -> check.name() + ": " + check.detail())
                .toList();
        return failed.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", failed));
    }

    /** What is in the datastore, for a manifest. */
    public Map<String, String> facts() {
        Map<String, String> facts = new TreeMap<>();
        facts.put("maxId", Long.toString(maxId));
        facts.put("compactRevision", Long.toString(compactRevision));
        facts.put("liveObjects", Long.toString(liveObjects()));
        objects.forEach((resource, count) -> facts.put("objects." + resource, count.toString()));
        if (pairing != null) {
            facts.put("tokenDecrypts", Boolean.toString(pairing.isProved()));
            if (pairing.data() != null) {
                facts.put("bootstrapEntries", String.join(",", pairing.data().names()));
            }
        }
        return facts;
    }

    private static final class Checker {
        private final Path copy;
        private final CheckDepth depth;
        private final @Nullable ServerToken token;
        private final List<Check> checks = new ArrayList<>();
        private final SortedMap<String, Long> objects = new TreeMap<>();
        private long maxId;
        private long compactRevision;
        private @Nullable TokenPairing pairing;

        Checker(Path copy, CheckDepth depth, @Nullable ServerToken token) {
            this.copy = copy;
            this.depth = depth;
            this.token = token;
        }

        void run() throws IOException {
            Sqlite.requireLibrary();
            long size = Files.size(copy);
            try (Connection connection = Sqlite.immutable(copy)) {
                if (header(connection, size) && integrity(connection, size) && table(connection)) {
                    revisions(connection);
                    liveKey(connection, "/registry/health");
                    liveKey(connection, "/registry/namespaces/kube-system");
                    count(connection);
                    freePages(connection);
                    TokenPairing paired = TokenPairing.of(connection, token);
                    checks.addAll(paired.checks());
                    pairing = paired;
                }
            } catch (SQLException e) {
                checks.add(Check.failed("readable", "SQLite cannot read it: " + e.getMessage()));
            }
        }

        private boolean header(Connection connection, long size) throws SQLException {
            long pageSize = Sqlite.numberOf(connection, "PRAGMA page_size").orElse(0L);
            long pages = Sqlite.numberOf(connection, "PRAGMA page_count").orElse(0L);
            if (pages == 0 || pageSize * pages != size) {
                return fail(
                        "size", "the file has " + size + " bytes but should have " + pages + " pages of " + pageSize);
            }
            return pass("size", pages + " pages of " + pageSize + " bytes");
        }

        private boolean integrity(Connection connection, long size) throws SQLException {
            boolean quick = depth == CheckDepth.QUICK || (depth == CheckDepth.AUTO && size > QUICK_ABOVE_BYTES);
            String pragma = quick ? "quick_check" : "integrity_check";
            List<String> problems = new ArrayList<>();
            try (PreparedStatement statement = connection.prepareStatement("PRAGMA " + pragma);
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    problems.add(rows.getString(1));
                }
            }
            if (problems.equals(List.of("ok"))) {
                return pass(pragma, "ok");
            }
            String shown = String.join(
                    "; ",
                    problems.subList(0, Math.min(SHOWN_PROBLEMS, problems.size())).stream()
                            .map(problem -> problem.replaceAll("\\s+", " "))
                            .toList());
            return fail(pragma, problems.size() + " problems, the first: " + shown);
        }

        private boolean table(Connection connection) throws SQLException {
            Set<String> found = new TreeSet<>();
            try (PreparedStatement statement =
                            connection.prepareStatement("SELECT name FROM pragma_table_info('kine')");
                    ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
            if (!found.containsAll(COLUMNS)) {
                return fail(
                        "kine_table",
                        found.isEmpty()
                                ? "there is no table kine: this is not a k3s datastore"
                                : "has columns " + found);
            }
            return pass("kine_table", "has its columns");
        }

        private void revisions(Connection connection) throws SQLException {
            maxId = Sqlite.numberOf(connection, "SELECT max(id) FROM kine").orElse(0L);
            if (maxId == 0) {
                fail("revision", "the table kine is empty");
                return;
            }
            pass("revision", "max(id) is " + maxId);
            long sequence = Sqlite.numberOf(connection, "SELECT seq FROM sqlite_sequence WHERE name = 'kine'")
                    .orElse(0L);
            if (sequence < maxId) {
                fail("sequence", "SQLite would hand out " + (sequence + 1) + " next, below max(id) " + maxId);
            } else {
                pass("sequence", "continues behind max(id)");
            }
            compaction(connection);
        }

        private void compaction(Connection connection) throws SQLException {
            long rows = Sqlite.numberOf(connection, "SELECT count(*) FROM kine WHERE name = 'compact_rev_key'")
                    .orElse(0L);
            compactRevision = Sqlite.numberOf(
                            connection, "SELECT max(prev_revision) FROM kine WHERE name = 'compact_rev_key'")
                    .orElse(0L);
            if (rows == 0 && maxId >= YOUNG) {
                fail("compaction", "there is no compact_rev_key");
            } else if (compactRevision < 0 || compactRevision > maxId) {
                fail("compaction", "compacted to " + compactRevision + ", which is not between 0 and " + maxId);
            } else if (rows > 1) {
                warn("compaction", "there are " + rows + " rows compact_rev_key; k3s takes the largest");
            } else if (maxId - compactRevision > STUCK_COMPACTION) {
                warn(
                        "compaction",
                        (maxId - compactRevision) + " revisions are not compacted: kine's compaction is stuck");
            } else {
                pass("compaction", "compacted to " + compactRevision);
            }
        }

        private void liveKey(Connection connection, String key) throws SQLException {
            Optional<Long> deleted = Sqlite.numberOf(
                    connection, "SELECT deleted FROM kine WHERE name = ? ORDER BY id DESC LIMIT 1", key);
            if (deleted.isPresent() && deleted.get() == 0) {
                pass("key " + key, "is live");
            } else {
                fail("key " + key, "is missing: this is not the datastore of a started cluster");
            }
        }

        private void count(Connection connection) throws SQLException {
            String sql = "SELECT k.name FROM kine k JOIN (SELECT max(id) AS id FROM kine"
                    + " WHERE name >= '/registry/' AND name < '/registry0' GROUP BY name) newest USING (id)"
                    + " WHERE k.deleted = 0";
            try (PreparedStatement statement = connection.prepareStatement(sql);
                    ResultSet names = statement.executeQuery()) {
                while (names.next()) {
                    objects.merge(resourceOf(names.getString(1)), 1L, Long::sum);
                }
            }
            long live = objects.values().stream().mapToLong(Long::longValue).sum();
            if (live == 0) {
                fail("live_objects", "there is not one live object");
            } else {
                pass("live_objects", live + " of " + objects.size() + " resources");
            }
        }

        private void freePages(Connection connection) throws SQLException {
            long pages = Sqlite.numberOf(connection, "PRAGMA page_count").orElse(0L);
            long free = Sqlite.numberOf(connection, "PRAGMA freelist_count").orElse(0L);
            pass(
                    "free_pages",
                    free + " of " + pages + " pages are free"
                            + (2 * free > pages ? "; a restart of k3s, or method: vacuum, would save them" : ""));
        }

        /** {@code /registry/pods/ns/name → pods}, {@code /registry/longhorn.io/volumes/ns/name → longhorn.io/volumes}. */
        private static String resourceOf(String name) {
            String[] parts = name.split("/", 5);
            if (parts.length > 4 && (parts[2].contains(".") || parts[2].equals("services"))) {
                return parts[2] + "/" + parts[3];
            }
            return parts[2];
        }

        private boolean pass(String name, String detail) {
            checks.add(Check.passed(name, detail));
            return true;
        }

        private void warn(String name, String detail) {
            checks.add(Check.warned(name, detail));
        }

        private boolean fail(String name, String detail) {
            checks.add(Check.failed(name, detail));
            return false;
        }
    }
}
