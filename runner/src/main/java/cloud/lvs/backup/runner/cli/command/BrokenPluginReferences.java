package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.runner.config.Configuration.JobSettings;
import cloud.lvs.backup.runner.config.ConfiguredProvider;
import cloud.lvs.backup.runner.config.SourceRef;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what is configured for plugins that are broken. */
final class BrokenPluginReferences {
    private final List<String> found = new ArrayList<>();

    void look(@Nullable ConfiguredProvider<?> configured) {
        if (configured != null && configured.usable() == null) {
            found.add(configured.at() + ": type '" + configured.type() + "': " + configured.unusable());
        }
    }

    void look(JobSettings job) {
        if (job.source() instanceof SourceRef.Inline inline) {
            look(inline.source());
        }
        look(job.retention());
        job.copies().forEach(copy -> look(copy.retention()));
    }

    List<String> found() {
        return List.copyOf(found);
    }
}
