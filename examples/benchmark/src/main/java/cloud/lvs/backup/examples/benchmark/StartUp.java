package cloud.lvs.backup.examples.benchmark;

import static cloud.lvs.backup.examples.benchmark.Figures.format;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Commands that only print. */
final class StartUp implements Part {
    private static final int ROUNDS = 5;

    @Override
    public void measure(Bench bench) throws IOException, InterruptedException, SQLException {
        Datastore datastore = Datastore.make(bench, "start", 1_000_000);
        Path place = datastore.place();
        Distribution distribution = bench.distribution();
        Table table = bench.table();
        table.note(
                "processor time of the JVM alone (`java -version`), median of " + ROUNDS,
                format(
                        "%.2f s",
                        medianCpu(Trial.of(
                                place,
                                "java",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:-UsePerfData",
                                "-Xshare:auto",
                                "-version"))));
        addCpu(table, "version", 0.6, Trial.of(place, distribution.command("version")));
        addCpu(table, "config validate", 1.0, distribution.trial(place, "config", "validate"));
        table.note(
                "… `config validate` with class data sharing off",
                format(
                        "%.2f s",
                        medianCpu(
                                distribution.trial(place, "config", "validate").with("LVS_JAVA_OPTS", "-Xshare:off"))));
        datastore.remove();
    }

    private static void addCpu(Table table, String what, double limit, Trial trial)
            throws IOException, InterruptedException {
        double seconds = medianCpu(trial);
        table.add(
                "processor time of `" + what + "`, median of " + ROUNDS,
                format("%.2f s", seconds),
                format("≤ %.1f s", limit),
                seconds <= limit);
    }

    private static double medianCpu(Trial trial) throws IOException, InterruptedException {
        List<Double> seconds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            seconds.add(trial.run().expect(0).cpuSeconds());
        }
        return Figures.median(seconds);
    }
}
