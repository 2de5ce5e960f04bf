package cloud.lvs.backup.spi;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A backup that another program keeps in a store of its own. A source describes it; adopted, the description becomes the one
 * artifact of a backup, and what it describes stays where it lies.
 *
 * @param identity the same for the same backup whenever it is asked for, and for no other, e.g.
 *     {@code pvc-0b1f/backup-5c9e02d1}
 * @param timestamp the moment that the backup shows
 * @param state whether it can be adopted
 * @param reason why it cannot; empty if it can
 * @param facts what a list shows of it, e.g. {@code volume → pvc-0b1f}
 * @param content what is stored of it; null unless it is {@link State#WHOLE}
 */
public record AdoptableRecord(
        String identity,
        Instant timestamp,
        State state,
        String reason,
        Map<String, String> facts,
        @Nullable Content content) {
    /** How far the other program came. */
    public enum State {
        /** It can be adopted. */
        WHOLE,
        /** It may become whole; it is told, and is no failure. */
        IN_PROGRESS,
        /** It will never be whole; it is told, and is no failure either. */
        FAILED
    }

    /**
     * What is stored of a backup that lies elsewhere.
     *
     * @param artifact the artifact, and with it the item
     * @param body writes its bytes; may be asked again
     */
    public record Content(Artifact artifact, Body body) {}

    public AdoptableRecord {
        if (identity.isBlank()) {
            throw new IllegalArgumentException("an adoptable record needs an identity");
        }
        if ((state == State.WHOLE) != (content != null)) {
            throw new IllegalArgumentException(
                    "'" + identity + "' is " + state + (content == null ? " without" : " with") + " content");
        }
        if (state != State.WHOLE && reason.isBlank()) {
            throw new IllegalArgumentException("'" + identity + "' is " + state + " without a reason");
        }
        facts = Facts.copyOf(facts);
    }
}
