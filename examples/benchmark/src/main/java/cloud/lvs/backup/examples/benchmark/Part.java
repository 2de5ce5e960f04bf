package cloud.lvs.backup.examples.benchmark;

import java.io.IOException;
import java.sql.SQLException;

/** A subject that is measured for itself. */
@FunctionalInterface
interface Part {
    /** Measures, adds rows to the table, and leaves nothing behind but what lies in the bench's directory. */
    void measure(Bench bench) throws IOException, InterruptedException, SQLException;
}
