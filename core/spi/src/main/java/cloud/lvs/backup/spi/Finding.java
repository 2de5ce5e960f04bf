package cloud.lvs.backup.spi;

/**
 * What a preflight found.
 *
 * @param severity an {@code ERROR} stops the run before anything is written
 * @param target what it is about
 * @param problem what was found
 * @param remedy how to mend it; empty if there is nothing to do
 * @param kind who acts on an {@code ERROR}
 */
public record Finding(Severity severity, String target, String problem, String remedy, Kind kind) {
    /** How bad a finding is. */
    public enum Severity {
        INFO,
        WARNING,
        ERROR
    }

    /** As above, about the source. */
    public Finding(Severity severity, String target, String problem, String remedy) {
        this(severity, target, problem, remedy, Kind.SOURCE);
    }

    /** What a run would end with. */
    public static Finding error(BackupException failure) {
        return new Finding(Severity.ERROR, failure.target(), failure.problem(), failure.remedy(), failure.kind());
    }
}
