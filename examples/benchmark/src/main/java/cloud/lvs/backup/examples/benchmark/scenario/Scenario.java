package cloud.lvs.backup.examples.benchmark.scenario;

import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import java.io.IOException;
import java.sql.SQLException;

/** A subject that is measured for itself. */
@FunctionalInterface
public interface Scenario {
    /** Measures, adds rows to the table, and leaves nothing behind but what lies in the context's directory. */
    void measure(BenchmarkContext context) throws IOException, InterruptedException, SQLException;
}
