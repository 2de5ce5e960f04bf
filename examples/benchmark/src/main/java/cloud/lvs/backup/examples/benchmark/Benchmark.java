package cloud.lvs.backup.examples.benchmark;

import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.KineWriter;
import cloud.lvs.backup.provider.k3s.kine.RealisticKine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Measures the distribution as a process, end to end, and prints a Markdown table. Ratios compare what ran in the same run of
 * this program. Ends with 1 if a limit was not kept.
 */
public final class Benchmark {
    private static final long MIB = 1 << 20;
    private static final int ROUNDS = 3;
    private static final int COMMITS_PER_SECOND = 150;
    private static final Duration BACKUP_TIME_OUT = Duration.ofSeconds(60);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final int MANY = 100_000;
    private static final String MAX_ID = "maxId";

    private final Path launcher;
    private final Path work;
    private final Table table = new Table();

    private Benchmark(Path distribution, Path work) {
        this.launcher = distribution.toAbsolutePath().resolve("bin/lvs-backup");
        this.work = work;
    }

    /** Arguments: the distribution, then which of {@code idle load memory start many}; all without any. */
    public static void main(String[] arguments) throws Exception {
        Set<String> wanted = new LinkedHashSet<>(List.of(arguments).subList(1, arguments.length));
        if (wanted.isEmpty()) {
            wanted.addAll(List.of("idle", "load", "memory", "start", "many"));
        }
        Path work = Files.createTempDirectory("lvs-bench-");
        Benchmark benchmark = new Benchmark(Path.of(arguments[0]), work);
        try {
            for (String each : wanted) {
                System.err.println(each);
                switch (each) {
                    case "idle" -> benchmark.idle();
                    case "load" -> benchmark.load();
                    case "memory" -> benchmark.memory();
                    case "start" -> benchmark.start();
                    case "many" -> benchmark.many();
                    default -> throw new IllegalArgumentException("there is no benchmark '" + each + "'");
                }
            }
        } finally {
            remove(work);
        }
        benchmark.describeMachine();
        benchmark.table.print(System.out);
        if (!benchmark.table.isKept()) {
            System.exit(1);
        }
    }

    // A datastore at rest, against what the shell job does

    private void idle() throws IOException, InterruptedException, SQLException {
        Path place = datastore("idle", 217_000_000);
        Path database = KineDatabase.file(place.resolve("k3s"));
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            read(database);
            remove(place.resolve("backups"));
            ours.add(lvsBackup(place, "run").expect(0).seconds());
            read(database);
            theirs.add(Measured.run(
                            place,
                            List.of(
                                    "sh",
                                    "-c",
                                    "rm -f copy copy.gz; sqlite3 \"$0\" '.backup copy' && gzip -9 < copy > copy.gz",
                                    database.toString()))
                    .expect(0)
                    .seconds());
        }
        double ratio = median(ours) / median(theirs);
        table.note("217 MB idle: `sqlite3 .backup` + `gzip -9`, median of " + ROUNDS, seconds(median(theirs)));
        table.add(
                "217 MB idle: `run` end to end, median of " + ROUNDS,
                seconds(median(ours)) + ", ratio " + format("%.2f", ratio),
                "ratio ≤ 0.25",
                ratio <= 0.25);
        long oursBytes = payloadBytes(place.resolve("backups"));
        long theirsBytes = Files.size(place.resolve("copy.gz"));
        table.add(
                "217 MB idle: stored",
                mebibytes(oursBytes) + " against " + mebibytes(theirsBytes),
                "no larger",
                oursBytes <= theirsBytes);
        remove(place);
    }

    // The same with k3s at work

    private void load() throws IOException, InterruptedException, SQLException {
        Path place = datastore("load", 217_000_000);
        Path dataDir = place.resolve("k3s");
        KineWriter.Report alone;
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, COMMITS_PER_SECOND, NEVER)) {
            Thread.sleep(10_000);
            alone = writer.stop();
        }
        KineWriter.Report beside;
        Measured run;
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, COMMITS_PER_SECOND, NEVER)) {
            run = lvsBackup(place, "run").expect(0);
            beside = writer.stop();
        }
        String manifest =
                lvsBackup(place, "show", "latest", "-o", "json").expect(0).out();
        lvsBackup(place, "restore", "latest", "--to", "restored").expect(0);
        String restored = Measured.run(
                        place, List.of("sqlite3", "-readonly", "restored/state.db", "SELECT max(id) FROM kine"))
                .expect(0)
                .out()
                .strip();
        String under = COMMITS_PER_SECOND + " commits/s: ";
        table.add(under + "`run`", seconds(run.seconds()), "finishes", true);
        table.add(
                under + "restarts of the copy",
                fact(manifest, "restarts"),
                "0",
                fact(manifest, "restarts").equals("0"));
        table.add(
                under + "max(id) pinned and restored",
                fact(manifest, MAX_ID) + " and " + restored,
                "equal",
                fact(manifest, MAX_ID).equals(restored));
        table.add(
                under + "commits of the writer that failed",
                beside.errors() + " of " + beside.commits(),
                "0",
                beside.errors() == 0);
        table.add(
                under + "p99 of the writer's commits",
                format("%.1f ms, alone %.1f ms", beside.p99Millis(), alone.p99Millis()),
                "≤ 3 times",
                beside.p99Millis() <= 3 * alone.p99Millis());
        try (KineWriter.Running writer = KineWriter.spawn(dataDir, COMMITS_PER_SECOND, NEVER)) {
            Measured sqlite = Measured.run(
                    place,
                    BACKUP_TIME_OUT,
                    List.of("sqlite3", KineDatabase.file(dataDir).toString(), ".backup unfinished"));
            writer.stop();
            table.add(
                    under + "`sqlite3 .backup`",
                    sqlite.exitCode() == 0
                            ? "finished after " + seconds(sqlite.seconds())
                            : "stopped after " + BACKUP_TIME_OUT.toSeconds() + " s",
                    "does not finish",
                    sqlite.exitCode() != 0);
        }
        remove(place);
    }

    // Memory, whatever the size

    private void memory() throws IOException, InterruptedException, SQLException {
        for (long megabytes : new long[] {20, 217, 1000}) {
            Path place = datastore("memory-" + megabytes, megabytes * 1_000_000);
            Measured run = lvsBackup(place, "run").expect(0);
            table.add(
                    megabytes + " MB: peak resident set of `run`",
                    mebibytes(run.peakBytes()) + " in " + seconds(run.seconds()),
                    "≤ 256 MiB",
                    run.peakBytes() <= 256 * MIB);
            remove(place);
        }
    }

    // Starting

    private void start() throws IOException, InterruptedException, SQLException {
        Path place = datastore("start", 1_000_000);
        List<String> java = List.of(
                "java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto", "-version");
        table.note("processor time of the JVM alone (`java -version`), median of 5", medianCpu(place, java));
        addCpu(place, "version", 600, command("version"));
        addCpu(place, "config validate", 1000, command("-c", "lvs.yaml", "config", "validate"));
        List<String> withoutArchive = new ArrayList<>(List.of("env", "LVS_JAVA_OPTS=-Xshare:off"));
        withoutArchive.addAll(command("-c", "lvs.yaml", "config", "validate"));
        table.note("… `config validate` with class data sharing off", medianCpu(place, withoutArchive));
        remove(place);
    }

    private void addCpu(Path place, String what, int limitMillis, List<String> command)
            throws IOException, InterruptedException {
        double millis = medianMillis(place, command);
        table.add(
                "processor time of `" + what + "`, median of 5",
                format("%.2f s", millis / 1000),
                format("≤ %.1f s", limitMillis / 1000.0),
                millis <= limitMillis);
    }

    private static String medianCpu(Path place, List<String> command) throws IOException, InterruptedException {
        return format("%.2f s", medianMillis(place, command) / 1000);
    }

    private static double medianMillis(Path place, List<String> command) throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            millis.add((double) Measured.cpu(place, command).toMillis());
        }
        return median(millis);
    }

    // A long history

    private void many() throws IOException, InterruptedException, SQLException {
        Path place = datastore("many", 1_000_000);
        lvsBackup(place, "run").expect(0);
        ManyBackups backups = new ManyBackups(place.resolve("backups"), "k3s");
        double tenth = 0;
        for (int count : new int[] {MANY / 10, MANY}) {
            backups.fillUpTo(count);
            configure(place, "retention: {keepLast: " + (count - 1000) + "}");
            String of = format("%,d backups: ", count);
            Measured page =
                    lvsBackup(place, "list", "--limit", "100", "-o", "json").expect(0);
            table.add(
                    of + "first page of `list`",
                    seconds(page.seconds()) + ", " + mebibytes(page.peakBytes()),
                    "≤ 256 MiB",
                    page.peakBytes() <= 256 * MIB);
            String last = lastId(page.out());
            Measured next = lvsBackup(place, "list", "--limit", "100", "--after", last, "-o", "json")
                    .expect(0);
            table.add(
                    of + "the page behind it",
                    seconds(next.seconds()) + ", " + mebibytes(next.peakBytes()),
                    "100 others",
                    ids(next.out()).size() == 100 && !ids(next.out()).contains(last));
            Measured prune = lvsBackup(place, "prune", "--dry-run").expect(0);
            table.add(
                    of + "`prune --dry-run` that would drop 1,000",
                    seconds(prune.seconds()) + ", " + mebibytes(prune.peakBytes()),
                    "≤ 256 MiB",
                    prune.peakBytes() <= 256 * MIB);
            if (count < MANY) {
                tenth = prune.seconds();
            } else {
                table.add(
                        "ten times the backups, `prune --dry-run`",
                        format("%.1f times as long", prune.seconds() / tenth),
                        "≤ 12 times",
                        prune.seconds() <= 12 * tenth);
            }
        }
        remove(place);
    }

    private static List<String> ids(String json) {
        return Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"")
                .matcher(json)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static String lastId(String json) throws IOException {
        List<String> ids = ids(json);
        if (ids.size() != 100) {
            throw new IOException("the first page has " + ids.size() + " backups");
        }
        return ids.get(99);
    }

    // Vocabulary

    private Path datastore(String name, long bytes) throws IOException, SQLException {
        Path place = Files.createDirectory(work.resolve(name));
        RealisticKine.Summary made = RealisticKine.fill(place.resolve("k3s"), bytes, 42);
        System.err.printf(
                Locale.ROOT, "  made a datastore of %,d bytes at revision %,d%n", made.databaseBytes(), made.maxId());
        configure(place, "retention: {keepLast: 10}");
        return place;
    }

    private static void configure(Path place, String settings) throws IOException {
        Files.writeString(place.resolve("lvs.yaml"), """
                version: 1
                sources: {node: {type: k3s, dataDir: k3s}}
                sinks: {disk: {type: directory, path: backups}}
                jobs:
                  k3s:
                    source: node
                    sink: disk
                    %s
                """.formatted(settings));
    }

    private List<String> command(String... arguments) {
        return Stream.concat(Stream.of(launcher.toString()), Stream.of(arguments))
                .toList();
    }

    private Measured lvsBackup(Path place, String... arguments) throws IOException, InterruptedException {
        return Measured.run(
                place,
                Stream.concat(command("-c", "lvs.yaml").stream(), Stream.of(arguments))
                        .toList());
    }

    /** So that both find the file in memory. */
    private static void read(Path file) throws IOException {
        Files.copy(file, OutputStream.nullOutputStream());
    }

    private static long payloadBytes(Path sink) throws IOException {
        try (Stream<Path> files = Files.walk(sink)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !file.toString().contains("/.lvs-backup/"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static String fact(String json, String name) throws IOException {
        Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"?(\\d+)").matcher(json);
        if (!matcher.find()) {
            throw new IOException("the manifest does not say " + name);
        }
        return matcher.group(1);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private static String seconds(double seconds) {
        return format("%.1f s", seconds);
    }

    private static String mebibytes(long bytes) {
        return format("%.0f MiB", bytes / (double) MIB);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private void describeMachine() throws IOException, InterruptedException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("unknown processor");
        String sqlite = Measured.run(Path.of("."), List.of("sqlite3", "--version"))
                .out()
                .split(" ", 2)[0];
        System.out.println(Runtime.getRuntime().availableProcessors() + " processors (" + model + "), Java "
                + Runtime.version().feature() + ", Linux " + System.getProperty("os.version") + ", sqlite3 " + sqlite
                + ".");
        System.out.println();
    }

    private static void remove(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
