package cloud.lvs.backup.examples.benchmark.scenario;

import static cloud.lvs.backup.examples.benchmark.measure.Numbers.format;

import cloud.lvs.backup.examples.benchmark.fixture.SampleDatastore;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.Distribution;
import cloud.lvs.backup.examples.benchmark.measure.MeasuredCommand;
import cloud.lvs.backup.examples.benchmark.measure.Numbers;
import cloud.lvs.backup.examples.benchmark.measure.ResultTable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Commands that only print. */
public final class StartUp implements Scenario {
    private static final int ROUNDS = 5;

    @Override
    public void measure(BenchmarkContext context) throws IOException, InterruptedException, SQLException {
        SampleDatastore datastore = SampleDatastore.make(context, "start", 1_000_000);
        Path place = datastore.place();
        Distribution distribution = context.distribution();
        ResultTable table = context.table();
        table.note(
                "processor time of the JVM alone (`java -version`), median of " + ROUNDS,
                format(
                        "%.2f s",
                        medianCpu(MeasuredCommand.of(
                                place,
                                "java",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:-UsePerfData",
                                "-Xshare:auto",
                                "-version"))));
        addCpu(table, "version", 0.6, MeasuredCommand.of(place, distribution.command("version")));
        addCpu(table, "config validate", 1.0, distribution.measured(place, "config", "validate"));
        table.note(
                "… `config validate` with class data sharing off",
                format(
                        "%.2f s",
                        medianCpu(distribution
                                .measured(place, "config", "validate")
                                .with("LVS_JAVA_OPTS", "-Xshare:off"))));
        datastore.remove();
    }

    private static void addCpu(ResultTable table, String what, double limit, MeasuredCommand trial)
            throws IOException, InterruptedException {
        double seconds = medianCpu(trial);
        table.add(
                "processor time of `" + what + "`, median of " + ROUNDS,
                format("%.2f s", seconds),
                format("≤ %.1f s", limit),
                seconds <= limit);
    }

    private static double medianCpu(MeasuredCommand trial) throws IOException, InterruptedException {
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            seconds.add(trial.run().expect(0).cpuSeconds());
        }
        return Numbers.median(seconds);
    }
}
