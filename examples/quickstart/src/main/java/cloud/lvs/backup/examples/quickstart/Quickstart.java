package cloud.lvs.backup.examples.quickstart;

import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.KineWriter;
import cloud.lvs.backup.provider.k3s.kine.RealisticKine;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes a k3s datastore, backs it up through the distribution while a writer commits, lists, verifies and restores the backup,
 * and compares what came back with the revision that was pinned.
 */
public final class Quickstart {
    private static final double COMMITS_PER_SECOND = 100;
    private static final Pattern MAX_ID = Pattern.compile("\"maxId\"\\s*:\\s*\"?(\\d+)");

    private final Path launcher;
    private final Path work;
    private final long databaseBytes;
    private final PrintStream out;

    /**
     * @param distribution the unpacked distribution, e.g. {@code runner/target/lvs-backup}
     * @param work where to leave everything; emptied first
     * @param databaseBytes about how large the datastore is to be
     * @param out is told what happens
     */
    public Quickstart(Path distribution, Path work, long databaseBytes, PrintStream out) {
        this.launcher = distribution.toAbsolutePath().resolve("bin/lvs-backup");
        this.work = work.toAbsolutePath();
        this.databaseBytes = databaseBytes;
        this.out = out;
    }

    /** Arguments: the distribution; where to leave everything (default {@code target/quickstart}). */
    public static void main(String[] arguments) throws Exception {
        Path work = Path.of(arguments.length > 1 ? arguments[1] : "target/quickstart");
        try {
            new Quickstart(Path.of(arguments[0]), work, 20_000_000, System.out).run();
        } catch (Difference e) {
            System.err.println("quickstart: " + e.getMessage());
            System.exit(1);
        }
    }

    /** Something did not come out as it should. */
    public static final class Difference extends Exception {
        private static final long serialVersionUID = 1L;

        Difference(String message) {
            super(message);
        }
    }

    /** Does it all; returns if nothing differs. */
    public void run() throws Difference, IOException, SQLException, InterruptedException {
        empty(work);
        Path dataDir = work.resolve("k3s");
        Path database = KineDatabase.file(dataDir);

        step("1. A k3s datastore with its server token");
        RealisticKine.Summary made = RealisticKine.fill(dataDir, databaseBytes, 42);
        tell("%,d bytes at revision %,d in %s", made.databaseBytes(), made.maxId(), work.relativize(database));
        configure();

        step("2. Backing it up while a writer commits " + (int) COMMITS_PER_SECOND + " times a second");
        KineWriter.Report writer;
        try (KineWriter.Running running = KineWriter.spawn(dataDir, COMMITS_PER_SECOND, Duration.ofHours(1))) {
            show("run");
            writer = running.stop();
        }
        tell(
                "The writer made %,d commits, %d of them failed; 99 of 100 took at most %.1f ms.",
                writer.commits(), writer.errors(), writer.p99Millis());
        require(writer.errors() == 0, "the writer was disturbed");

        step("3. What there is now");
        show("list");

        step("4. Proving it: read back, decrypted, decompressed, checked by SQLite and against its token");
        show("verify", "latest", "--level", "content");

        step("5. Restoring it to a new place");
        show("restore", "latest", "--to", "restored");

        step("6. Comparing");
        compare(database, work.resolve("restored/state.db"), writer);
        require(
                Files.mismatch(KineDatabase.token(dataDir), work.resolve("restored/token")) < 0,
                "the restored token differs");
        tell("The token is the same, byte for byte.");
        out.println();
        out.println("Everything is in " + work + " to look at.");
    }

    private void configure() throws Difference, IOException, InterruptedException {
        output(List.of("age-keygen", "-o", work.resolve("identity.txt").toString()));
        String recipient =
                output(List.of("age-keygen", "-y", work.resolve("identity.txt").toString()));
        String yaml = """
                version: 1
                sources:
                  node: {type: k3s, dataDir: k3s}
                sinks:
                  disk: {type: directory, path: backups}
                defaults:
                  encryption: {type: age, recipients: [%s], identityFile: ./identity.txt}
                jobs:
                  k3s:
                    source: node
                    sink: disk
                    retention: {keepDaily: 7, keepWeekly: 4, minKeep: 2}
                """.formatted(recipient.strip());
        Files.writeString(work.resolve("lvs.yaml"), yaml);
        out.println();
        out.println("   lvs.yaml says:");
        yaml.lines().forEach(line -> out.println("     " + line));
    }

    private void compare(Path live, Path restored, KineWriter.Report writer)
            throws Difference, IOException, InterruptedException {
        Matcher manifest = MAX_ID.matcher(output(lvsBackup("show", "latest", "-o", "json")));
        require(manifest.find(), "the manifest names no revision");
        long pinned = Long.parseLong(manifest.group(1));
        tell("The backup is of revision %,d; the writer went on to %,d.", pinned, writer.maxId());
        require(pinned < writer.maxId(), "the writer did not commit while the backup was made");

        String integrity = query(restored, "PRAGMA integrity_check");
        require(integrity.equals("ok"), "the restored database is damaged: " + integrity);
        String revision = query(restored, "SELECT max(id) FROM kine");
        require(revision.equals(Long.toString(pinned)), "the restored database is at revision " + revision);
        String rows = query(restored, "SELECT count(*) FROM kine");
        String expectedRows = query(live, "SELECT count(*) FROM kine WHERE id <= " + pinned);
        require(rows.equals(expectedRows), "the restored database has " + rows + " rows, not " + expectedRows);
        String digest = digestOfRows(restored, pinned);
        require(digest.equals(digestOfRows(live, pinned)), "the rows of the restored database differ");
        tell("The restored database is sound and holds exactly the %,d rows of that revision.", Long.parseLong(rows));
    }

    private String query(Path database, String sql) throws Difference, IOException, InterruptedException {
        return output(List.of("sqlite3", "-readonly", database.toString(), sql)).strip();
    }

    /** A digest of every value in every row up to a revision. */
    private String digestOfRows(Path database, long maxId) throws Difference, IOException, InterruptedException {
        String sql =
                "SELECT id, name, created, deleted, create_revision, prev_revision, lease, hex(value), hex(old_value)"
                        + " FROM kine WHERE id <= " + maxId + " ORDER BY id";
        Process sqlite = new ProcessBuilder("sqlite3", "-readonly", database.toString(), sql)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        try (InputStream rows = new DigestInputStream(sqlite.getInputStream(), digest)) {
            rows.transferTo(OutputStream.nullOutputStream());
        }
        require(sqlite.waitFor() == 0, "sqlite3 cannot read " + database);
        return HexFormat.of().formatHex(digest.digest());
    }

    private List<String> lvsBackup(String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString(), "-c", "lvs.yaml"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Runs a command as an operator would, with its output in sight. */
    private void show(String... arguments) throws Difference, IOException, InterruptedException {
        out.println("   $ lvs-backup -c lvs.yaml " + String.join(" ", arguments));
        Process process = new ProcessBuilder(lvsBackup(arguments))
                .directory(work.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            lines.lines().forEach(line -> out.println("     " + line));
        }
        int code = process.waitFor();
        require(code == 0, "lvs-backup " + arguments[0] + " ended with " + code);
    }

    private String output(List<String> command) throws Difference, IOException, InterruptedException {
        Path errors = Files.createTempFile(work, ".errors-", "");
        Process process = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectError(errors.toFile())
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        require(code == 0, command.get(0) + " ended with " + code + ": " + Files.readString(errors));
        Files.delete(errors);
        return output;
    }

    private void step(String title) {
        out.println();
        out.println(title);
    }

    private void tell(String format, Object... values) {
        out.println("   " + String.format(java.util.Locale.ROOT, format, values));
    }

    private static void require(boolean condition, String otherwise) throws Difference {
        if (!condition) {
            throw new Difference(otherwise);
        }
    }

    /** Removes what an earlier quickstart left; refuses to remove anything else. */
    private static void empty(Path work) throws Difference, IOException {
        if (Files.exists(work)) {
            try (Stream<Path> entries = Files.list(work)) {
                require(
                        entries.findAny().isEmpty() || Files.exists(work.resolve("lvs.yaml")),
                        work + " holds something else; name an empty directory");
            }
            try (Stream<Path> all = Files.walk(work)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
        Files.createDirectories(work);
    }
}
