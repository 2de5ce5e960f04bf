package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.core.catalog.HostProcess.Life;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Who has the lock of a job, or had it last; in whole seconds.
 *
 * @param owner e.g. {@code node-1/4711}; empty if its document cannot be read
 * @param since when it took it
 * @param lastSign when it last said that it lives
 * @param freeAt from when on anybody may take it, unless it says once more that it lives
 * @param life whether its process is at work, as far as this host can see
 */
public record LockHolder(String owner, Instant since, Instant lastSign, Instant freeAt, Life life) {
    public LockHolder {
        since = since.truncatedTo(ChronoUnit.SECONDS);
        lastSign = lastSign.truncatedTo(ChronoUnit.SECONDS);
        // Not a moment too early.
        freeAt = freeAt.plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS);
    }

    /** Whether a run may take the lock from it. */
    public boolean isGone(Instant now) {
        return life == Life.DEAD || !now.isBefore(freeAt);
    }

    /** Whether it is at work, as far as anybody can tell: a living one says so three times before its lock is free. */
    public boolean isAlive(Instant now) {
        Duration half = Duration.between(lastSign, freeAt).dividedBy(2);
        return life == Life.ALIVE || (life != Life.DEAD && now.isBefore(lastSign.plus(half)));
    }

    /** Who and since when, as the end of a sentence. */
    public String describe() {
        return owner.isEmpty()
                ? "is locked, by whom cannot be read: its lock of " + lastSign + " is damaged"
                : "is locked by " + owner + " since " + since + ", last sign of life " + lastSign;
    }

    /** What else than to wait can be done. */
    public String remedy() {
        return life == Life.ALIVE
                ? "wait for its end: that process is running on this host"
                : "wait for its end; if it is dead, the lock may be taken from " + freeAt + " on, or freed by 'unlock'";
    }
}
