package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All webhooks of a release. */
public final class Webhooks {
    private final Release release;
    private @Nullable Cluster cluster;

    /** The webhooks of a release; {@link #read} follows before the first request. */
    public Webhooks(Release release) {
        this.release = release;
    }

    /** From now on the webhooks look up objects here. */
    public void read(Cluster objects) {
        cluster = objects;
    }

    /** Each kind with its webhook. */
    public Map<ResourceType, Webhook> byType() {
        return new HashMap<>();
    }
}
