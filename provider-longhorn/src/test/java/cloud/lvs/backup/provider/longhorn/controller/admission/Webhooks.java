package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import java.util.HashMap;
import java.util.Map;

/** All webhooks of a release. */
public final class Webhooks {
    private final Lookup lookup;

    /** The webhooks of a release; {@link #read} follows before the first request. */
    public Webhooks(Release release) {
        lookup = new Lookup(release);
    }

    /** From now on the webhooks look up objects here. */
    public void read(Cluster objects) {
        lookup.read(objects);
    }

    /** Each kind with its webhook. */
    public Map<ResourceType, Webhook> byType() {
        Map<ResourceType, Webhook> webhooks = new HashMap<>();
        webhooks.put(ResourceType.SNAPSHOTS, new SnapshotWebhook(lookup));
        webhooks.put(ResourceType.BACKUPS, new BackupWebhook(lookup));
        webhooks.put(ResourceType.VOLUMES, new VolumeWebhook(lookup));
        webhooks.put(ResourceType.BACKUP_TARGETS, new BackupTargetWebhook(lookup));
        webhooks.put(ResourceType.BACKUP_VOLUMES, new BackupVolumeWebhook(lookup));
        webhooks.put(ResourceType.RECURRING_JOBS, new RecurringJobWebhook(lookup));
        webhooks.put(ResourceType.SETTINGS, new SettingWebhook(lookup));
        webhooks.put(ResourceType.SYSTEM_BACKUPS, new SystemBackupWebhook(lookup));
        webhooks.put(ResourceType.CLAIMS, new ClaimWebhook(lookup));
        return webhooks;
    }
}
