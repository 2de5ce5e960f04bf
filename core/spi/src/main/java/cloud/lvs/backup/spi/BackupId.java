package cloud.lvs.backup.spi;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names one backup: {@code <job>-<timestamp>-<run>}, e.g. {@code k3s-20261122T030000Z-k7f3q2xw}.
 *
 * @param job the job's name
 * @param timestamp the instant the run fixed when it began, whole seconds, UTC
 * @param run the run
 */
public record BackupId(String job, Instant timestamp, RunId run) implements Comparable<BackupId> {
    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'")
            .withResolverStyle(ResolverStyle.STRICT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern JOB = Pattern.compile("[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?");
    private static final Comparator<BackupId> ORDER = Comparator.comparing(BackupId::timestamp)
            .thenComparing(id -> id.run().value())
            .thenComparing(BackupId::job);

    public BackupId {
        if (!JOB.matcher(job).matches()) {
            throw new IllegalArgumentException("a job name is 1 to 63 characters of a-z, 0-9, '.', '_' and '-',"
                    + " beginning and ending with a letter or digit, was '" + job + "'");
        }
        timestamp = timestamp.truncatedTo(ChronoUnit.SECONDS);
    }

    /** {@code yyyyMMdd'T'HHmmss'Z'} in UTC. */
    public static String format(Instant timestamp) {
        return TIMESTAMP.format(timestamp);
    }

    /**
     * The reverse of {@link #format}.
     *
     * @return empty if {@code text} is not such a timestamp, or names a day that no calendar has
     */
    public static Optional<Instant> parseTimestamp(String text) {
        try {
            return Optional.of(TIMESTAMP.parse(text, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if {@code text} is not an id
     */
    public static BackupId parse(String text) {
        int run = text.lastIndexOf('-');
        int timestamp = run < 0 ? -1 : text.lastIndexOf('-', run - 1);
        if (timestamp > 0) {
            Optional<Instant> instant = parseTimestamp(text.substring(timestamp + 1, run));
            if (instant.isPresent()) {
                return new BackupId(text.substring(0, timestamp), instant.get(), new RunId(text.substring(run + 1)));
            }
        }
        throw new IllegalArgumentException("'" + text + "' is not <job>-<timestamp>-<run>");
    }

    /** {@code <timestamp>-<run>}: the name of the backup's directory in the journal of its job. */
    public String directory() {
        return format(timestamp) + "-" + run;
    }

    @Override
    public String toString() {
        return job + "-" + directory();
    }

    /** Oldest first. */
    @Override
    public int compareTo(BackupId other) {
        return ORDER.compare(this, other);
    }
}
