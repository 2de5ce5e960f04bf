package cloud.lvs.backup.examples.benchmark.scenario;

import static cloud.lvs.backup.examples.benchmark.measure.Numbers.format;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.seconds;

import cloud.lvs.backup.examples.benchmark.fixture.SampleDatastore;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.Distribution;
import cloud.lvs.backup.examples.benchmark.measure.MeasuredCommand;
import cloud.lvs.backup.examples.benchmark.measure.Measurement;
import cloud.lvs.backup.examples.benchmark.measure.ResultTable;
import cloud.lvs.backup.provider.k3s.kine.KineWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A datastore with k3s at work. */
public final class BusyDatastore implements Scenario {
    private static final int COMMITS_PER_SECOND = 150;
    private static final Duration BACKUP_TIME_OUT = Duration.ofSeconds(60);
    private static final Duration NEVER = Duration.ofHours(1);
    private static final String MAX_ID = "maxId";

    @Override
    public void measure(BenchmarkContext context) throws IOException, InterruptedException, SQLException {
        SampleDatastore datastore =
                SampleDatastore.make(context, "load", context.scale().of(217_000_000));
        Path place = datastore.place();
        KineWriter.Report alone;
        try (KineWriter.Running writer = KineWriter.spawn(datastore.dataDir(), COMMITS_PER_SECOND, NEVER)) {
            Thread.sleep(10_000);
            alone = writer.stop();
        }
        KineWriter.Report beside;
        Measurement run;
        Distribution distribution = context.distribution();
        try (KineWriter.Running writer = KineWriter.spawn(datastore.dataDir(), COMMITS_PER_SECOND, NEVER)) {
            run = distribution.measured(place, "run").run().expect(0);
            beside = writer.stop();
        }
        String manifest = distribution
                .measured(place, "show", "latest", "-o", "json")
                .run()
                .expect(0)
                .out();
        distribution
                .measured(place, "restore", "latest", "--to", "restored")
                .run()
                .expect(0);
        String restored = MeasuredCommand.of(
                        place, "sqlite3", "-readonly", "restored/state.db", "SELECT max(id) FROM kine")
                .run()
                .expect(0)
                .out()
                .strip();
        String under = COMMITS_PER_SECOND + " commits/s: ";
        ResultTable table = context.table();
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
        try (KineWriter.Running writer = KineWriter.spawn(datastore.dataDir(), COMMITS_PER_SECOND, NEVER)) {
            Measurement sqlite = MeasuredCommand.of(
                            place, "sqlite3", datastore.database().toString(), ".backup unfinished")
                    .within(BACKUP_TIME_OUT)
                    .run();
            writer.stop();
            table.add(
                    under + "`sqlite3 .backup`",
                    sqlite.exitCode() == 0
                            ? "finished after " + seconds(sqlite.seconds())
                            : "stopped after " + BACKUP_TIME_OUT.toSeconds() + " s",
                    "does not finish",
                    sqlite.exitCode() != 0);
        }
        datastore.remove();
    }

    private static String fact(String json, String name) throws IOException {
        Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*\"?(\\d+)").matcher(json);
        if (!matcher.find()) {
            throw new IOException("the manifest does not say " + name);
        }
        return matcher.group(1);
    }
}
