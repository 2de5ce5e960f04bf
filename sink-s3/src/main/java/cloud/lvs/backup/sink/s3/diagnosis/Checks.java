package cloud.lvs.backup.sink.s3.diagnosis;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** What was found out so far. Used from one thread. */
final class Checks {
    private final List<Check> found = new ArrayList<>();

    /** Looks for one thing. */
    interface Trial {
        Check run() throws IOException, InterruptedException;
    }

    void add(Check check) {
        found.add(check);
    }

    /**
     * Adds what a trial finds.
     *
     * @param otherwise the status if it cannot be tried
     * @param consequence what that means for backups
     */
    void attempt(String name, Check.Status otherwise, String consequence, Trial trial) throws InterruptedException {
        try {
            found.add(trial.run());
        } catch (BackupException e) {
            found.add(new Check(name, otherwise, consequence + ": " + told(e)));
        } catch (IOException | UncheckedIOException e) {
            found.add(
                    new Check(name, otherwise, consequence + " (" + e.getClass().getSimpleName() + ")"));
        }
    }

    Check.Status lastStatus() {
        return found.get(found.size() - 1).status();
    }

    List<Check> all() {
        return List.copyOf(found);
    }

    static String told(BackupException e) {
        return e.problem() + "; " + e.remedy();
    }
}
