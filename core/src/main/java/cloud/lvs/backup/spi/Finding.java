package cloud.lvs.backup.spi;

/**
 * What a preflight found.
 *
 * @param severity an {@code ERROR} stops the run before anything is written
 * @param target what it is about
 * @param problem what was found
 * @param remedy how to mend it; empty if there is nothing to do
 */
public record Finding(Severity severity, String target, String problem, String remedy) {
    /** How bad a finding is. */
    public enum Severity {
        INFO,
        WARNING,
        ERROR
    }
}
