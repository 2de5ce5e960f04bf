package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.api.ReleaseSchemas;
import cloud.lvs.backup.provider.longhorn.controller.api.Resources;
import java.util.List;

/** What the API server knows with each release of Longhorn. */
final class Releases {
    private Releases() {}

    static Resources resources(Release release) {
        return new Resources(ReleaseSchemas.of(release), release.before("1.9") ? List.of("v1beta1") : List.of());
    }
}
