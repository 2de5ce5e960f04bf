package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * A failure as an operator reads it.
 *
 * @param kind who acts
 * @param job the job's name
 * @param stage what was going on, e.g. {@code capture}
 * @param target what it happened to
 * @param problem what is wrong, in plain words
 * @param remedy what to do
 * @param cause what was caught, for {@code --verbose}
 */
public record Failure(
        Kind kind,
        String job,
        String stage,
        String target,
        String problem,
        String remedy,
        @Nullable Throwable cause) {
    /** Reads a failure off what was caught. */
    public static Failure of(String job, String stage, Throwable caught) {
        if (caught instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return of(job, stage, unchecked.getCause());
        }
        if (caught instanceof BackupException e) {
            return new Failure(e.kind(), job, stage, e.target(), e.problem(), e.remedy(), e);
        }
        if (caught instanceof InterruptedException) {
            return new Failure(Kind.CANCELLED, job, stage, "job " + job, "was asked to stop", "run it again", caught);
        }
        String message = caught.getMessage() == null ? "" : ": " + caught.getMessage();
        return new Failure(
                Kind.FAILED,
                job,
                stage,
                "job " + job,
                caught.getClass().getSimpleName() + message,
                "run again with --verbose and report it if it stays",
                caught);
    }

    /** One line: job, stage, target, cause and remedy. */
    @Override
    public String toString() {
        return "job " + job + ": " + stage + ": " + target + ": " + problem
                + (remedy.isEmpty() ? "" : " (" + remedy + ")");
    }
}
