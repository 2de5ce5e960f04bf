package cloud.lvs.backup.core.report;

import cloud.lvs.backup.core.files.FileErrors;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.SinkFailureException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * @param cause what was caught, for whoever wants its stack trace
 */
public record Failure(
        Kind kind,
        String job,
        String stage,
        String target,
        String problem,
        String remedy,
        @Nullable Throwable cause) {
    private static final String REPORT_IT = "try again, and report it with its stack trace if it stays";
    private static final String OWN_CODE = "cloud.lvs.backup.core.";
    private static final Set<String> OWN_LOADERS = Set.of("app", "platform", "bootstrap");
    private static final Pattern PROVIDER =
            Pattern.compile("cloud\\.lvs\\.backup\\.(?<kind>provider|sink)\\.(?<type>\\w+)\\.");

    /** A failure that was found, not caught. */
    public Failure(Kind kind, String job, String stage, String target, String problem, String remedy) {
        this(kind, job, stage, target, problem, remedy, null);
    }

    /** Reads a failure off what was found. */
    public static Failure of(String job, String stage, Finding found) {
        return new Failure(found.kind(), job, stage, found.target(), found.problem(), found.remedy());
    }

    /** Reads a failure off what was caught. */
    public static Failure of(String job, String stage, Throwable caught) {
        if (caught instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return of(job, stage, unchecked.getCause());
        }
        if (caught instanceof SinkFailureException sink) {
            return of(job, stage, sink.getCause());
        }
        if (caught instanceof BackupException e) {
            return new Failure(e.kind(), job, stage, e.target(), e.problem(), e.remedy(), e);
        }
        if (caught instanceof InterruptedException) {
            return new Failure(Kind.CANCELLED, job, stage, "job " + job, "was asked to stop", "run it again", caught);
        }
        if (caught instanceof FileSystemException file && file.getFile() != null) {
            return new Failure(
                    Kind.FAILED,
                    job,
                    stage,
                    thrownBy(caught).map(code -> code + ": ").orElse("") + file.getFile(),
                    FileErrors.inWords(file),
                    "mend that and try again",
                    caught);
        }
        String message = caught.getMessage() == null ? "" : ": " + caught.getMessage();
        return new Failure(
                Kind.FAILED,
                job,
                stage,
                thrownBy(caught).orElse("job " + job),
                "failed: " + caught.getClass().getSimpleName() + message,
                REPORT_IT,
                caught);
    }

    /** Reads a failure off an item that failed. */
    public static Failure of(String job, String stage, ItemResult failed) {
        Kind kind = failed.kind();
        String remedy = failed.remedy();
        return new Failure(
                kind == null ? Kind.SOURCE : kind,
                job,
                stage,
                "item " + failed.item(),
                failed.reason(),
                remedy == null ? "run again" : remedy);
    }

    /** The same to be thrown: what was caught, if that tells all of it. */
    public BackupException exception() {
        return cause instanceof BackupException told ? told : new BackupException(kind, target, problem, remedy, cause);
    }

    /** Whose code threw, as far as a provider's did: a plugin has a class loader with a name, ours have packages. */
    private static Optional<String> thrownBy(Throwable caught) {
        for (StackTraceElement frame : caught.getStackTrace()) {
            if (frame.getClassName().startsWith(OWN_CODE)) {
                return Optional.empty();
            }
            String loader = frame.getClassLoaderName();
            if (loader != null && !OWN_LOADERS.contains(loader)) {
                return Optional.of(loader);
            }
            Matcher provider = PROVIDER.matcher(frame.getClassName());
            if (provider.lookingAt()) {
                return Optional.of(provider.group("kind") + " '" + provider.group("type") + "'");
            }
        }
        return Optional.empty();
    }

    /** The same, with the signal that stopped the work if that is why it failed. */
    public Failure stoppedBy(String signal) {
        return kind == Kind.CANCELLED && !signal.isEmpty()
                ? new Failure(kind, job, stage, target, problem + " by " + signal, remedy, cause)
                : this;
    }

    /** The same; if nothing is known to do about it but to report it, with this remedy, which says how. */
    public Failure reportedBy(String remedyOfTheHost) {
        return remedy.equals(REPORT_IT) ? new Failure(kind, job, stage, target, problem, remedyOfTheHost, cause) : this;
    }

    /** One line: job, stage, target, cause and remedy. */
    @Override
    public String toString() {
        return "job " + job + ": " + stage + ": " + target + ": " + problem
                + (remedy.isEmpty() ? "" : " (" + remedy + ")");
    }
}
