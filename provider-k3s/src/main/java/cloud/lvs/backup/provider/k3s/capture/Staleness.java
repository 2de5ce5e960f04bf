package cloud.lvs.backup.provider.k3s.capture;

import cloud.lvs.backup.provider.k3s.backup.BackupLayout;
import cloud.lvs.backup.spi.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/**
 * Since when a datastore has not been written. A k3s that runs renews leases every few seconds: a revision that an earlier
 * backup has too means that k3s is stopped, or that it writes elsewhere and this is an abandoned copy. The times of files alone
 * do not tell that, as copying and opening them makes them new.
 *
 * @param revision the highest one
 * @param since when it was written last, or before that
 * @param backups how many backups before this one have its revision, without a break
 */
public record Staleness(long revision, Instant since, long backups) {
    /** Leases alone are renewed every few seconds. */
    static final Duration WORTH_TELLING = Duration.ofHours(1);

    private static final String SINCE = "lastWritten";
    private static final String BACKUPS = "sameRevisionBackups";

    /** @param newest the backup before, whether it counts or not */
    public static Staleness of(long revision, Instant filesWritten, Optional<Manifest> newest) {
        Instant written = filesWritten.truncatedTo(ChronoUnit.SECONDS);
        Optional<Map<String, String>> before = newest.flatMap(BackupLayout::factsOf);
        if (BackupLayout.number(before, "maxId").orElse(-1L) != revision) {
            return new Staleness(revision, written, 0);
        }
        Instant seen = newest.orElseThrow().id().timestamp();
        Instant noted =
                before.map(facts -> facts.get(SINCE)).map(Staleness::parse).orElse(seen);
        return new Staleness(
                revision,
                earliest(written, earliest(seen, noted)),
                1 + BackupLayout.number(before, BACKUPS).orElse(0L));
    }

    private static Instant parse(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            return Instant.MAX;
        }
    }

    private static Instant earliest(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    /** For the manifest, where the next backup looks for them. */
    public Map<String, String> facts() {
        return Map.of(SINCE, since.toString(), BACKUPS, Long.toString(backups));
    }

    /** What to look at; empty if k3s may just be quiet. */
    public Optional<String> warning(Instant now) {
        Duration age = Duration.between(since, now);
        if (backups == 0 || age.compareTo(WORTH_TELLING) <= 0) {
            return Optional.empty();
        }
        return Optional.of("The datastore has the same revision as the "
                + (backups == 1 ? "last backup" : "last " + backups + " backups") + " (" + revision
                + "): nothing was written for " + inWords(age) + ", since " + since
                + ". k3s is stopped, or dataDir is an abandoned copy and k3s uses another directory (k3s server"
                + " --data-dir).");
    }

    /** Hours up to two days, then days. */
    static String inWords(Duration age) {
        return age.toHours() < 48 ? age.toHours() + " h" : age.toDays() + " d";
    }
}
