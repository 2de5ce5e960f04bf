package cloud.lvs.backup.spi;

import java.util.List;

/**
 * What a restore did, or would do.
 *
 * @param items what became of each item asked for
 * @param steps what was done (or would be), in order, one sentence each
 * @param checks what was checked on the restored data; empty for a dry run
 * @param nextSteps what the operator has to do now
 * @param omissions what of the restored items was not brought back
 */
public record RestoreReport(
        List<ItemResult> items,
        List<String> steps,
        List<Check> checks,
        List<String> nextSteps,
        List<Omission> omissions) {
    public RestoreReport {
        items = List.copyOf(items);
        steps = List.copyOf(steps);
        checks = List.copyOf(checks);
        nextSteps = List.copyOf(nextSteps);
        omissions = List.copyOf(omissions);
    }

    /** As above, with everything brought back of what was restored. */
    public RestoreReport(List<ItemResult> items, List<String> steps, List<Check> checks, List<String> nextSteps) {
        this(items, steps, checks, nextSteps, List.of());
    }
}
