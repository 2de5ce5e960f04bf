package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What {@code restore --set key=value} may say for a k3s datastore.
 *
 * @param serverFiles what a restore in place does with {@code server/tls} and {@code server/cred}
 * @param hostRoot where the host's {@code /etc} is looked for when a restore in place looks for configured tokens
 * @param unreadable what becomes of a backup with encrypted values that its own keys do not read
 * @param objects which Kubernetes objects to write as files instead of the datastore; empty for the datastore
 * @param as in which form objects are written
 * @param secrets whether Secrets are written that only a glob matches
 * @param owned whether objects are written that a controller among the others makes again
 * @param addresses what becomes of the addresses that a cluster gave to Services
 */
@Doc("Choices for restoring a k3s datastore, or single Kubernetes objects out of it.")
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
        Unreadable unreadable,

        @Doc("Writes these Kubernetes objects as files, instead of the datastore: TYPE[.GROUP]/NAMESPACE/NAME, or"
                + " TYPE[.GROUP]/NAME for objects of the cluster, with types as kubectl takes them and * and ? in each part;"
                + " several with commas. --dry-run lists what matches.")
        @Default("[]")
        List<String> objects,

        @Doc(
                "How objects are written: yaml, ready for kubectl apply, without what the cluster gave them; json, complete, as"
                        + " the API server would answer.")
        @Default("yaml")
        Format as,

        @Doc("Whether to write Secrets that a pattern matches without naming their type.") @Default("exclude")
        Extra secrets,

        @Doc(
                "Whether to write what a controller among the objects makes again: Pods and ReplicaSets of a Deployment, Jobs"
                        + " of a CronJob, EndpointSlices of a Service; and Events that a pattern matches without naming their type.")
        @Default("exclude")
        Extra owned,

        @Doc(
                "What to do with the cluster IPs and node ports of Services: drop has the cluster give new ones, keep asks for"
                        + " the same.")
        @Default("drop")
        Addresses addresses) {

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

    /** In which form objects are written. */
    public enum Format {
        /** For {@code kubectl apply}. */
        YAML,
        /** As the API server would answer. */
        JSON
    }

    /** Whether something that is rarely wanted is written too. */
    public enum Extra {
        EXCLUDE,
        INCLUDE
    }

    /** What becomes of the addresses that a cluster gave to Services. */
    public enum Addresses {
        DROP,
        KEEP
    }

    public K3sRestoreOptions {
        objects = List.copyOf(objects);
        if (objects.isEmpty()
                && (as != Format.YAML
                        || secrets != Extra.EXCLUDE
                        || owned != Extra.EXCLUDE
                        || addresses != Addresses.DROP)) {
            throw new IllegalArgumentException(
                    "as, secrets, owned and addresses are about objects; write e.g. objects=secrets/shop/db");
        }
    }

    /** For a restore of the whole datastore. */
    public K3sRestoreOptions(ServerFiles serverFiles, Path hostRoot, Unreadable unreadable) {
        this(serverFiles, hostRoot, unreadable, List.of(), Format.YAML, Extra.EXCLUDE, Extra.EXCLUDE, Addresses.DROP);
    }

    /** What applies when nothing is said. */
    public static final K3sRestoreOptions DEFAULTS = ConfigurationRecord.of(K3sRestoreOptions.class, Map.of());

    /** What a request says. */
    public static K3sRestoreOptions of(RestoreRequest request) {
        return request.options() instanceof K3sRestoreOptions given ? given : DEFAULTS;
    }
}
