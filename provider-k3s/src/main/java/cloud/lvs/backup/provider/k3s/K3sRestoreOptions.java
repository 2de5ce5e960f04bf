package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.nio.file.Path;
import java.util.Map;

/**
 * What {@code restore --set key=value} may say for a k3s datastore.
 *
 * @param serverFiles what a restore in place does with {@code server/tls} and {@code server/cred}
 * @param hostRoot where the host's {@code /etc} is looked for when a restore in place looks for configured tokens
 * @param unreadable what becomes of a backup with encrypted values that its own keys do not read
 */
@Doc("Choices for restoring a k3s datastore in place.")
public record K3sRestoreOptions(
        @Doc("What to do with server/tls and server/cred: move puts them aside so that k3s makes them anew from the"
                + " datastore, keep leaves them; auto keeps them only where they equal the datastore's.")
        @Default("auto")
        ServerFiles serverFiles,

        @Doc("The root of the host's file system, for finding a token configured in /etc; for use in a container.")
        @Default("/")
        Path hostRoot,

        @Doc("What to do with a backup whose encrypted Secrets cannot be read with the keys it holds: refuse to restore"
                + " it, or accept it as it is; the API server does not become ready on it.")
        @Default("refuse")
        Unreadable unreadable) {

    /** What a restore in place does with {@code server/tls} and {@code server/cred}. */
    public enum ServerFiles {
        /** {@link #KEEP} if every file equals the datastore's bootstrap data, else {@link #MOVE}. */
        AUTO,
        /** Leaves them where they are. */
        KEEP,
        /** Moves them into the rollback directory; k3s makes them anew from the datastore when it starts. */
        MOVE
    }

    /** What becomes of a backup with encrypted values that its own keys do not read. */
    public enum Unreadable {
        /** Not restored. */
        REFUSE,
        /** Restored as it is: for whoever has the keys elsewhere, or wants the rest. */
        ACCEPT
    }

    /** What applies when nothing is said. */
    public static final K3sRestoreOptions DEFAULTS = ConfigurationRecord.of(K3sRestoreOptions.class, Map.of());

    /** What a request says. */
    public static K3sRestoreOptions of(RestoreRequest request) {
        return request.options() instanceof K3sRestoreOptions given ? given : DEFAULTS;
    }
}
