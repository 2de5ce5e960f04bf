package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Verification;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How the rehearsed restore of a backup went.
 *
 * @param id the backup
 * @param startedAt when the drill began
 * @param rpo how old the backup was then: what had been written since would have been lost
 * @param rto how long the restore took, from reading the manifest to the source's last check: the phases together
 * @param phases how long each part took, in the order they began
 * @param verification the checks on what was stored and what was restored; the drill passed if they did
 * @param items what became of each item
 * @param steps what was done (or would be), in order, one sentence each
 * @param warnings what else to know, e.g. that the result could not be recorded
 */
public record DrillReport(
        BackupId id,
        Instant startedAt,
        Duration rpo,
        Duration rto,
        List<Phase> phases,
        Verification verification,
        List<ItemResult> items,
        List<String> steps,
        List<String> warnings) {
    /**
     * A part of a drill.
     *
     * @param name {@code manifest}, {@code restore}, or as the source calls it
     * @param took how long
     */
    public record Phase(String name, Duration took) {}

    public DrillReport {
        phases = List.copyOf(phases);
        items = List.copyOf(items);
        steps = List.copyOf(steps);
        warnings = List.copyOf(warnings);
    }
}
