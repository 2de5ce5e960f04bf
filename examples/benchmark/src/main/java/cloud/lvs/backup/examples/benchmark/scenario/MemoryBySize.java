package cloud.lvs.backup.examples.benchmark.scenario;

import cloud.lvs.backup.examples.benchmark.fixture.SampleDatastore;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.Measurement;
import cloud.lvs.backup.examples.benchmark.measure.Numbers;
import java.io.IOException;
import java.sql.SQLException;

/** The memory of a run, whatever the size. */
public final class MemoryBySize implements Scenario {
    private static final long[] SIZES = {20_000_000, 217_000_000, 1_000_000_000};

    @Override
    public void measure(BenchmarkContext context) throws IOException, InterruptedException, SQLException {
        for (long bytes : SIZES) {
            SampleDatastore datastore = SampleDatastore.make(
                    context, "memory-" + bytes, context.scale().of(bytes));
            Measurement run = context.distribution()
                    .measured(datastore.place(), "run")
                    .run()
                    .expect(0);
            context.table()
                    .add(
                            datastore.label() + ": peak resident set of `run`",
                            Numbers.mebibytes(run.peakBytes()) + " in " + Numbers.seconds(run.seconds()),
                            "≤ 256 MiB",
                            run.peakBytes() <= Numbers.MEMORY_LIMIT);
            datastore.remove();
        }
    }
}
