package cloud.lvs.backup.provider.longhorn.controller.loop;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;

/** The backup targets as the other controllers see them. */
final class Targets {
    private Targets() {}

    /** A target: where it points and whether it is usable. */
    record Target(String name, String url, boolean available) {}

    static Target of(World world, String name) {
        return world.cluster()
                .find(ResourceType.BACKUP_TARGETS, name)
                .map(object -> {
                    String url = object.path("spec").path("backupTargetURL").asText();
                    boolean available = object.path("status").path("available").asBoolean();
                    return new Target(name, url, available && !url.isEmpty());
                })
                .orElse(new Target(name, "", false));
    }
}
