package cloud.lvs.backup.examples.benchmark;

import static cloud.lvs.backup.examples.benchmark.Figures.format;
import static cloud.lvs.backup.examples.benchmark.Figures.mebibytes;
import static cloud.lvs.backup.examples.benchmark.Figures.megabytes;
import static cloud.lvs.backup.examples.benchmark.Figures.ratio;
import static cloud.lvs.backup.examples.benchmark.Figures.seconds;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A whole cluster of PostgreSQL, backed up and restored, against what {@code pg_dumpall} and {@code psql} take. */
final class PostgresBackup implements Part {
    private static final int ROUNDS = 2;

    /** These are short, and their difference is small. */
    private static final int SPLIT_ROUNDS = 4;

    /** Each program is waited for by a shell of its own, which tells what processor time it took. */
    private static final String DUMP_AND_GZIP = "set -o pipefail; TIMEFORMAT='%U %S';"
            + " { time \"$0\" -w; } 2>dump.times | { time gzip -9 >old.sql.gz; } 2>gzip.times";

    /** A database with two large tables. */
    private static final String LARGE = "shop";

    @Override
    public void measure(Bench bench) throws IOException, SQLException, InterruptedException {
        Path place = bench.newDirectory("postgres");
        try (BenchCluster cluster = BenchCluster.start()) {
            cluster.fill(place, bench.scale());
            configure(place, cluster.port());
            String text = dump(bench, cluster, place);
            split(bench, cluster, place);
            restore(bench, cluster, place, text);
        }
        Trees.remove(place);
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
    private static String dump(Bench bench, BenchCluster cluster, Path place) throws IOException, InterruptedException {
        // The first of all, to find how much there is, and to have it in memory for the others.
        cluster.trial(place, "pg_dumpall", "-w", "-f", "plain.sql").run().expect(0);
        long textBytes = Files.size(place.resolve("plain.sql"));
        String of = megabytes(textBytes) + " of SQL: ";
        Trial rawTrial = Trial.of(place, "sh", "-c", "exec \"$0\" -w >/dev/null", cluster.program("pg_dumpall"))
                .with(cluster.environment());
        List<Exchange> raw = new ArrayList<>();
        List<Exchange> zstd = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            raw.add(Exchange.of(cluster, rawTrial));
            zstd.add(Exchange.of(cluster, bench.distribution().trial(place, "run", "zstd")));
            Bench.say(
                    "round %d: pg_dumpall %.1f s, run %.1f s",
                    round + 1, raw.get(round).seconds(), zstd.get(round).seconds());
        }
        Exchange old = Exchange.of(
                cluster,
                Trial.of(place, "bash", "-c", DUMP_AND_GZIP, cluster.program("pg_dumpall"))
                        .with(cluster.environment()));
        Exchange gzip = Exchange.of(cluster, bench.distribution().trial(place, "run", "gzip"));

        Table table = bench.table();
        double rawSeconds = Exchange.mean(raw);
        double zstdSeconds = Exchange.mean(zstd);
        table.note(
                of + "`pg_dumpall >/dev/null`, mean of " + ROUNDS,
                format(
                        "%s (server %.1f s, `pg_dumpall` %.1f s)",
                        seconds(rawSeconds),
                        Figures.seconds(raw.get(0).server()),
                        raw.get(0).client().cpuSeconds()));
        table.note(
                of + "`pg_dumpall \\| gzip -9`",
                format(
                        "%s (server %.1f s, `pg_dumpall` %s s, `gzip` %s s)",
                        seconds(old.seconds()),
                        Figures.seconds(old.server()),
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
        long zstdBytes = Trees.payloadBytes(place.resolve("zstd"));
        table.add(
                "… stored", megabytes(zstdBytes) + " against " + megabytes(oldBytes), "smaller", zstdBytes < oldBytes);
        addPeak(table, "… peak resident set of the JVM", Exchange.peak(zstd));
        addTimes(
                table,
                of + "`run`, `layout: cluster`, gzip, against `pg_dumpall \\| gzip -9`",
                old,
                gzip.seconds(),
                2.2);
        table.note("… processor time", gzip.shares());
        long gzipBytes = Trees.payloadBytes(place.resolve("gzip"));
        table.add(
                "… stored",
                format("%s, %+.1f %%", megabytes(gzipBytes), 100.0 * (gzipBytes - oldBytes) / oldBytes),
                "≤ 1.5 % more",
                gzipBytes <= 1.015 * oldBytes);
        addPeak(table, "… peak resident set of the JVM", gzip.client().peakBytes());
        return of;
    }

    private static void addTimes(Table table, String what, Exchange old, double seconds, double limit) {
        double times = old.seconds() / seconds;
        table.add(
                what,
                format("%.1f s, %.1f times faster", seconds, times),
                format("≥ %.1f times", limit),
                times >= limit);
    }

    private static void addPeak(Table table, String what, long bytes) {
        table.add(what, mebibytes(bytes), "≤ 256 MiB", bytes <= Figures.MEMORY_LIMIT);
    }

    /** User and system time together, as the shell put them down behind what the program said. */
    private static String times(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        String[] times = lines.get(lines.size() - 1).split(" ");
        return format("%.1f", Double.parseDouble(times[0]) + Double.parseDouble(times[1]));
    }

    // One large database

    private static void split(Bench bench, BenchCluster cluster, Path place)
            throws IOException, SQLException, InterruptedException {
        Trial bare = Trial.of(
                        place,
                        "sh",
                        "-c",
                        "exec \"$0\" -w -Fc -Z0 \"$1\" >/dev/null",
                        cluster.program("pg_dump"),
                        LARGE)
                .with(cluster.environment());
        List<Exchange> raw = new ArrayList<>();
        List<Exchange> one = new ArrayList<>();
        List<Exchange> split = new ArrayList<>();
        int most = 0;
        for (int round = 0; round < SPLIT_ROUNDS; round++) {
            raw.add(Exchange.of(cluster, bare));
            one.add(Exchange.of(cluster, bench.distribution().trial(place, "run", "one")));
            try (BackendWatch watch = new BackendWatch(cluster)) {
                Measured client =
                        bench.distribution().trial(place, "run", "split").run().expect(0);
                split.add(new Exchange(client, Duration.ZERO));
                most = Math.max(most, watch.most());
            }
        }
        Table table = bench.table();
        String of = "database `" + LARGE + "`: ";
        double oneSeconds = Exchange.mean(one);
        double splitSeconds = Exchange.mean(split);
        table.note(of + "`pg_dump -Fc -Z0 >/dev/null`, mean of " + SPLIT_ROUNDS, seconds(Exchange.mean(raw)));
        table.note(of + "`run`, one `pg_dump`, mean of " + SPLIT_ROUNDS, seconds(oneSeconds));
        table.add(
                of + "`run`, `splitTables: {parts: 2}`, mean of " + SPLIT_ROUNDS,
                seconds(splitSeconds) + ", " + ratio(splitSeconds / oneSeconds) + " of one `pg_dump`, "
                        + ratio(splitSeconds / Exchange.mean(raw)) + " of the bare one",
                "ratio ≤ 1.05",
                splitSeconds <= 1.05 * oneSeconds);
        table.add("… sessions that copied at the same time", Integer.toString(most), "≥ 2", most >= 2);
        addPeak(table, "… peak resident set of the JVM", Exchange.peak(split));
    }

    // Back again

    private static void restore(Bench bench, BenchCluster source, Path place, String of)
            throws IOException, InterruptedException {
        Map<String, List<String>> rows = source.rows();
        source.makeWay();
        Exchange psql;
        Exchange analyze;
        try (BenchCluster target = BenchCluster.start()) {
            psql = Exchange.of(
                    target,
                    target.trial(
                            place, "psql", "-X", "-q", "-w", "-d", "postgres", "-f", "plain.sql", "-o", "/dev/null"));
            analyze = Exchange.of(target, target.trial(place, "vacuumdb", "-w", "-q", "-a", "-Z"));
            requireSame(rows, target);
        }
        Exchange ours = restore(bench, source, place, rows, "--yes");
        Exchange parallel = restore(bench, source, place, rows, "--yes", "--set", "jobs=2");
        Table table = bench.table();
        table.note(
                of + "`psql` of the text",
                format(
                        "%s (server %.1f s, `psql` %.1f s)",
                        seconds(psql.seconds()),
                        Figures.seconds(psql.server()),
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
    private static Exchange restore(
            Bench bench, BenchCluster source, Path place, Map<String, List<String>> rows, String... options)
            throws IOException, InterruptedException {
        source.emptyArchive();
        try (BenchCluster target = BenchCluster.start()) {
            List<String> arguments = new ArrayList<>(List.of("restore", "latest", "-j", "zstd", "--to", target.url()));
            arguments.addAll(List.of(options));
            Exchange restored =
                    Exchange.of(target, bench.distribution().trial(place, arguments.toArray(String[]::new)));
            requireSame(rows, target);
            Bench.say("restored in %.1f s", restored.seconds());
            return restored;
        }
    }

    private static void addRestore(Table table, String what, Exchange ours, Exchange psql, double withStatistics) {
        double ratio = ours.seconds() / withStatistics;
        table.add(
                what,
                seconds(ours.seconds()) + ", " + ratio(ratio) + " of `psql` with statistics, "
                        + ratio(ours.seconds() / psql.seconds()) + " of `psql` alone",
                "ratio ≤ 1.0",
                ratio <= 1);
    }

    private static void requireSame(Map<String, List<String>> rows, BenchCluster target) throws IOException {
        Map<String, List<String>> restored = target.rows();
        if (!restored.equals(rows)) {
            throw new IOException("restored other rows: " + restored + " instead of " + rows);
        }
    }
}
