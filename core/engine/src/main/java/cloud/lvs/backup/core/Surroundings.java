package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.RunId;
import java.time.Clock;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every piece of work shares.
 *
 * @param owner who we are to others, e.g. {@code node-1/4711}
 */
record Surroundings(
        Clock clock, RandomGenerator random, Map<String, String> tool, BackupListener listener, String owner) {
    private static final Logger LOG = LoggerFactory.getLogger(BackupEngine.class);
    private static final String ID_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int ID_LENGTH = 10;

    /** Tells the listener; what it throws is its own affair. */
    void tell(Event event) {
        try {
            listener.on(event);
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("listener {} failed", listener.getClass().getName(), e);
        }
    }

    /** A new run id, or a new name for a mark. */
    RunId newId() {
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_CHARACTERS.charAt(random.nextInt(ID_CHARACTERS.length())));
        }
        return new RunId(id.toString());
    }
}
