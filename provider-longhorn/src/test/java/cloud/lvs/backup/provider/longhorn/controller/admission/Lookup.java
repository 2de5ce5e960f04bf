package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook.Denial;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the webhooks read: the objects as they are stored, and their release. */
final class Lookup {
    private final Release release;
    private @Nullable Cluster cluster;

    Lookup(Release release) {
        this.release = release;
    }

    void read(Cluster objects) {
        cluster = objects;
    }

    Release release() {
        return release;
    }

    Cluster cluster() {
        return Objects.requireNonNull(cluster);
    }

    Optional<ObjectNode> find(ResourceType type, String name) {
        return cluster().find(type, name);
    }

    /** The object's absence in the words of Longhorn's client. */
    static String notFound(ResourceType type, String name) {
        return type.kind().toLowerCase(Locale.ROOT) + "." + type.group() + " \"" + name + "\" not found";
    }

    /** The target, or a denial in these words before the reason. */
    ObjectNode target(String name, String field) {
        return find(ResourceType.BACKUP_TARGETS, name)
                .orElseThrow(() -> Denial.invalid(
                        "failed to get backup target " + name + ": " + notFound(ResourceType.BACKUP_TARGETS, name),
                        field));
    }
}
