package cloud.lvs.backup.examples.benchmark.scenario;

import static cloud.lvs.backup.examples.benchmark.measure.Numbers.format;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.mebibytes;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.megabytes;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.ratio;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.seconds;

import cloud.lvs.backup.examples.benchmark.fixture.BackendSampler;
import cloud.lvs.backup.examples.benchmark.fixture.ClientAndServerTime;
import cloud.lvs.backup.examples.benchmark.fixture.PostgresCluster;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.DirectoryTrees;
import cloud.lvs.backup.examples.benchmark.measure.MeasuredCommand;
import cloud.lvs.backup.examples.benchmark.measure.Measurement;
import cloud.lvs.backup.examples.benchmark.measure.Numbers;
import cloud.lvs.backup.examples.benchmark.measure.ResultTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A whole cluster of PostgreSQL, backed up and restored, against what {@code pg_dumpall} and {@code psql} take. */
public final class PostgresBackup implements Scenario {
    private static final int ROUNDS = 2;

    /** These are short, and their difference is small. */
    private static final int SPLIT_ROUNDS = 4;

    /** Each program is waited for by a shell of its own, which tells what processor time it took. */
    private static final String DUMP_AND_GZIP = "set -o pipefail; TIMEFORMAT='%U %S';"
            + " { time \"$0\" -w; } 2>dump.times | { time gzip -9 >old.sql.gz; } 2>gzip.times";

    /** A database with two large tables. */
    private static final String LARGE = "shop";

    @Override
    public void measure(BenchmarkContext context) throws IOException, SQLException, InterruptedException {
        Path place = context.newDirectory("postgres");
        try (PostgresCluster cluster = PostgresCluster.start()) {
            cluster.fill(place, context.scale());
            configure(place, cluster.port());
            String text = dump(context, cluster, place);
            split(context, cluster, place);
            restore(context, cluster, place, text);
        }
        DirectoryTrees.remove(place);
    }

    private static void configure(Path place, int port) throws IOException {
        String server = "type: postgres, host: 127.0.0.1, port: " + port + ", user: postgres";
        Files.writeString(place.resolve("lvs.yaml"), """
                version: 1
                sources:
                  all: {%1$s}
                  old: {%1$s, layout: cluster}
                  one: {%1$s, include: [%2$s]}
                  split: {%1$s, include: [%2$s], splitTables: {above: 1MiB, parts: 2}}
                sinks:
                  zstd: {type: directory, path: zstd}
                  gzip: {type: directory, path: gzip}
                  one: {type: directory, path: one}
                  split: {type: directory, path: split}
                jobs:
                  zstd: {source: all, sink: zstd, retention: {keepLast: 1, minKeep: 1}}
                  gzip: {source: old, sink: gzip, compression: {type: gzip}}
                  one: {source: one, sink: one, retention: {keepLast: 1, minKeep: 1}}
                  split: {source: split, sink: split, retention: {keepLast: 1, minKeep: 1}}
                """.formatted(server, LARGE));
    }

    // The whole cluster

    /** @return how large the dump is as text, as rows of the table begin */
    private static String dump(BenchmarkContext context, PostgresCluster cluster, Path place)
            throws IOException, InterruptedException {
        // The first of all, to find how much there is, and to have it in memory for the others.
        cluster.measured(place, "pg_dumpall", "-w", "-f", "plain.sql").run().expect(0);
        long textBytes = Files.size(place.resolve("plain.sql"));
        String of = megabytes(textBytes) + " of SQL: ";
        MeasuredCommand rawTrial = MeasuredCommand.of(
                        place, "sh", "-c", "exec \"$0\" -w >/dev/null", cluster.program("pg_dumpall"))
                .with(cluster.environment());
        List<ClientAndServerTime> raw = new ArrayList<>();
        List<ClientAndServerTime> zstd = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            raw.add(ClientAndServerTime.of(cluster, rawTrial));
            zstd.add(ClientAndServerTime.of(cluster, context.distribution().measured(place, "run", "zstd")));
            BenchmarkContext.say(
                    "round %d: pg_dumpall %.1f s, run %.1f s",
                    round + 1, raw.get(round).seconds(), zstd.get(round).seconds());
        }
        ClientAndServerTime old = ClientAndServerTime.of(
                cluster,
                MeasuredCommand.of(place, "bash", "-c", DUMP_AND_GZIP, cluster.program("pg_dumpall"))
                        .with(cluster.environment()));
        ClientAndServerTime gzip =
                ClientAndServerTime.of(cluster, context.distribution().measured(place, "run", "gzip"));

        ResultTable table = context.table();
        double rawSeconds = ClientAndServerTime.mean(raw);
        double zstdSeconds = ClientAndServerTime.mean(zstd);
        table.note(
                of + "`pg_dumpall >/dev/null`, mean of " + ROUNDS,
                format(
                        "%s (server %.1f s, `pg_dumpall` %.1f s)",
                        seconds(rawSeconds),
                        Numbers.seconds(raw.get(0).server()),
                        raw.get(0).client().cpuSeconds()));
        table.note(
                of + "`pg_dumpall \\| gzip -9`",
                format(
                        "%s (server %.1f s, `pg_dumpall` %s s, `gzip` %s s)",
                        seconds(old.seconds()),
                        Numbers.seconds(old.server()),
                        times(place.resolve("dump.times")),
                        times(place.resolve("gzip.times"))));
        table.add(
                of + "`run`, zstd, mean of " + ROUNDS,
                seconds(zstdSeconds) + ", " + ratio(zstdSeconds / rawSeconds) + " of `pg_dumpall >/dev/null`",
                "ratio ≤ 1.4",
                zstdSeconds <= 1.4 * rawSeconds);
        addTimes(table, "… against `pg_dumpall \\| gzip -9`", old, zstdSeconds, 5);
        table.note("… processor time", zstd.get(0).shares());
        long oldBytes = Files.size(place.resolve("old.sql.gz"));
        long zstdBytes = DirectoryTrees.payloadBytes(place.resolve("zstd"));
        table.add(
                "… stored", megabytes(zstdBytes) + " against " + megabytes(oldBytes), "smaller", zstdBytes < oldBytes);
        addPeak(table, "… peak resident set of the JVM", ClientAndServerTime.peak(zstd));
        addTimes(
                table,
                of + "`run`, `layout: cluster`, gzip, against `pg_dumpall \\| gzip -9`",
                old,
                gzip.seconds(),
                2.2);
        table.note("… processor time", gzip.shares());
        long gzipBytes = DirectoryTrees.payloadBytes(place.resolve("gzip"));
        table.add(
                "… stored",
                format("%s, %+.1f %%", megabytes(gzipBytes), 100.0 * (gzipBytes - oldBytes) / oldBytes),
                "≤ 1.5 % more",
                gzipBytes <= 1.015 * oldBytes);
        addPeak(table, "… peak resident set of the JVM", gzip.client().peakBytes());
        return of;
    }

    private static void addTimes(
            ResultTable table, String what, ClientAndServerTime old, double seconds, double limit) {
        double times = old.seconds() / seconds;
        table.add(
                what,
                format("%.1f s, %.1f times faster", seconds, times),
                format("≥ %.1f times", limit),
                times >= limit);
    }

    private static void addPeak(ResultTable table, String what, long bytes) {
        table.add(what, mebibytes(bytes), "≤ 256 MiB", bytes <= Numbers.MEMORY_LIMIT);
    }

    /** User and system time together, as the shell put them down behind what the program said. */
    private static String times(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        String[] times = lines.get(lines.size() - 1).split(" ");
        return format("%.1f", Double.parseDouble(times[0]) + Double.parseDouble(times[1]));
    }

    // One large database

    private static void split(BenchmarkContext context, PostgresCluster cluster, Path place)
            throws IOException, SQLException, InterruptedException {
        MeasuredCommand bare = MeasuredCommand.of(
                        place,
                        "sh",
                        "-c",
                        "exec \"$0\" -w -Fc -Z0 \"$1\" >/dev/null",
                        cluster.program("pg_dump"),
                        LARGE)
                .with(cluster.environment());
        List<ClientAndServerTime> raw = new ArrayList<>();
        List<ClientAndServerTime> one = new ArrayList<>();
        List<ClientAndServerTime> split = new ArrayList<>();
        int most = 0;
        for (int round = 0; round < SPLIT_ROUNDS; round++) {
            raw.add(ClientAndServerTime.of(cluster, bare));
            one.add(ClientAndServerTime.of(cluster, context.distribution().measured(place, "run", "one")));
            try (BackendSampler watch = new BackendSampler(cluster)) {
                Measurement client = context.distribution()
                        .measured(place, "run", "split")
                        .run()
                        .expect(0);
                split.add(new ClientAndServerTime(client, Duration.ZERO));
                most = Math.max(most, watch.most());
            }
        }
        ResultTable table = context.table();
        String of = "database `" + LARGE + "`: ";
        double oneSeconds = ClientAndServerTime.mean(one);
        double splitSeconds = ClientAndServerTime.mean(split);
        table.note(
                of + "`pg_dump -Fc -Z0 >/dev/null`, mean of " + SPLIT_ROUNDS, seconds(ClientAndServerTime.mean(raw)));
        table.note(of + "`run`, one `pg_dump`, mean of " + SPLIT_ROUNDS, seconds(oneSeconds));
        table.add(
                of + "`run`, `splitTables: {parts: 2}`, mean of " + SPLIT_ROUNDS,
                seconds(splitSeconds) + ", " + ratio(splitSeconds / oneSeconds) + " of one `pg_dump`, "
                        + ratio(splitSeconds / ClientAndServerTime.mean(raw)) + " of the bare one",
                "ratio ≤ 1.05",
                splitSeconds <= 1.05 * oneSeconds);
        table.add("… sessions that copied at the same time", Integer.toString(most), "≥ 2", most >= 2);
        addPeak(table, "… peak resident set of the JVM", ClientAndServerTime.peak(split));
    }

    // Back again

    private static void restore(BenchmarkContext context, PostgresCluster source, Path place, String of)
            throws IOException, InterruptedException {
        Map<String, List<String>> rows = source.rows();
        source.makeWay();
        ClientAndServerTime psql;
        ClientAndServerTime analyze;
        try (PostgresCluster target = PostgresCluster.start()) {
            psql = ClientAndServerTime.of(
                    target,
                    target.measured(
                            place, "psql", "-X", "-q", "-w", "-d", "postgres", "-f", "plain.sql", "-o", "/dev/null"));
            analyze = ClientAndServerTime.of(target, target.measured(place, "vacuumdb", "-w", "-q", "-a", "-Z"));
            requireSame(rows, target);
        }
        ClientAndServerTime ours = restore(context, source, place, rows, "--yes");
        ClientAndServerTime parallel = restore(context, source, place, rows, "--yes", "--set", "jobs=2");
        ResultTable table = context.table();
        table.note(
                of + "`psql` of the text",
                format(
                        "%s (server %.1f s, `psql` %.1f s)",
                        seconds(psql.seconds()),
                        Numbers.seconds(psql.server()),
                        psql.client().cpuSeconds()));
        table.note("… and `vacuumdb --analyze-only`, which `restore` does as well", seconds(analyze.seconds()));
        double theirs = psql.seconds() + analyze.seconds();
        addRestore(table, of + "`restore` of the whole cluster", ours, psql, theirs);
        table.note("… processor time", ours.shares());
        addPeak(table, "… peak resident set of the JVM", ours.client().peakBytes());
        addRestore(table, of + "the same with parallel `pg_restore` (`jobs=2`)", parallel, psql, theirs);
        table.note("… processor time", parallel.shares());
        addPeak(table, "… peak resident set of the JVM", parallel.client().peakBytes());
    }

    /** Into a new cluster. */
    private static ClientAndServerTime restore(
            BenchmarkContext context,
            PostgresCluster source,
            Path place,
            Map<String, List<String>> rows,
            String... options)
            throws IOException, InterruptedException {
        source.emptyArchive();
        try (PostgresCluster target = PostgresCluster.start()) {
            List<String> arguments = new ArrayList<>(List.of("restore", "latest", "-j", "zstd", "--to", target.url()));
            arguments.addAll(List.of(options));
            ClientAndServerTime restored = ClientAndServerTime.of(
                    target, context.distribution().measured(place, arguments.toArray(String[]::new)));
            requireSame(rows, target);
            BenchmarkContext.say("restored in %.1f s", restored.seconds());
            return restored;
        }
    }

    private static void addRestore(
            ResultTable table, String what, ClientAndServerTime ours, ClientAndServerTime psql, double withStatistics) {
        double ratio = ours.seconds() / withStatistics;
        table.add(
                what,
                seconds(ours.seconds()) + ", " + ratio(ratio) + " of `psql` with statistics, "
                        + ratio(ours.seconds() / psql.seconds()) + " of `psql` alone",
                "ratio ≤ 1.0",
                ratio <= 1);
    }

    private static void requireSame(Map<String, List<String>> rows, PostgresCluster target) throws IOException {
        Map<String, List<String>> restored = target.rows();
        if (!restored.equals(rows)) {
            throw new IOException("restored other rows: " + restored + " instead of " + rows);
        }
    }
}
