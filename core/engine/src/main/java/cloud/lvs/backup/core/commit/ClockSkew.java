package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far the clock here is from a store's, by an object that was just written.
 *
 * @param ahead by how much the clock here is ahead; negative if it is behind, zero if the two may agree
 */
public record ClockSkew(Duration ahead) {
    /** Stores tell whole seconds. */
    private static final Duration GRANULARITY = Duration.ofSeconds(1);

    /**
     * Compares.
     *
     * @param before when the write began, by the clock here
     * @param stored when the object became visible, by the store's
     * @param after when the write had ended, by the clock here
     */
    public static ClockSkew between(Instant before, Instant stored, Instant after) {
        if (stored.isAfter(after)) {
            return new ClockSkew(Duration.between(stored, after));
        }
        Duration behind = Duration.between(stored, before).minus(GRANULARITY);
        return new ClockSkew(behind.isNegative() ? Duration.ZERO : behind);
    }

    /** What to say of it if it is more than the protocol bears; empty if it is not. */
    Optional<String> complaint(NamedSink sink) {
        if (!exceeds(CatalogEntry.CLOCK_TOLERANCE)) {
            return Optional.empty();
        }
        return Optional.of("the clock here is " + DurationText.inWords(ahead) + (isAhead() ? " ahead of" : " behind")
                + " the clock of sink " + sink.name()
                + "; set it right: backups are dated by it, and retention goes by it");
    }

    public boolean isAhead() {
        return !ahead.isNegative();
    }

    public boolean exceeds(Duration tolerance) {
        return ahead.abs().compareTo(tolerance) > 0;
    }
}
