package cloud.lvs.backup.spi;

import java.util.List;

/**
 * What a verification found.
 *
 * @param checks in the order they were made; none is a failure
 */
public record Verification(List<Check> checks) {
    public Verification {
        checks = List.copyOf(checks);
    }

    /** Whether something was checked and nothing failed. */
    public boolean passed() {
        return !checks.isEmpty() && checks.stream().noneMatch(check -> check.status() == Check.Status.FAILED);
    }
}
