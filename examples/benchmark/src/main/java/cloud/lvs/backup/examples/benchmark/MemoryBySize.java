package cloud.lvs.backup.examples.benchmark;

import java.io.IOException;
import java.sql.SQLException;

/** The memory of a run, whatever the size. */
final class MemoryBySize implements Part {
    private static final long[] SIZES = {20_000_000, 217_000_000, 1_000_000_000};

    @Override
    public void measure(Bench bench) throws IOException, InterruptedException, SQLException {
        for (long bytes : SIZES) {
            Datastore datastore =
                    Datastore.make(bench, "memory-" + bytes, bench.scale().of(bytes));
            Measured run =
                    bench.distribution().trial(datastore.place(), "run").run().expect(0);
            bench.table()
                    .add(
                            datastore.label() + ": peak resident set of `run`",
                            Figures.mebibytes(run.peakBytes()) + " in " + Figures.seconds(run.seconds()),
                            "≤ 256 MiB",
                            run.peakBytes() <= Figures.MEMORY_LIMIT);
            datastore.remove();
        }
    }
}
