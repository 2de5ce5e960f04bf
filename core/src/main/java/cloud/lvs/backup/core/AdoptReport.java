package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ObjectKey;
import java.util.List;

/**
 * What was adopted, or would be.
 *
 * @param job the job's name
 * @param candidates every group of objects that matched, oldest first
 * @param leftOut objects that look as if they belonged to one, and do not
 */
public record AdoptReport(String job, List<Candidate> candidates, List<LeftOut> leftOut) {
    /** What became of a candidate. */
    public enum State {
        ADOPTED,
        PLANNED,
        /** A run, or an earlier adopt, has claimed it. */
        CLAIMED,
        /** It does not hold what it should. */
        REFUSED
    }

    /**
     * @param id the backup it becomes
     * @param keys its objects
     * @param state what became of it
     * @param reason why it was refused, or what to know about it; may be empty
     */
    public record Candidate(BackupId id, List<ObjectKey> keys, State state, String reason) {}

    /**
     * @param key the object
     * @param reason why it is left out
     */
    public record LeftOut(ObjectKey key, String reason) {}
}
