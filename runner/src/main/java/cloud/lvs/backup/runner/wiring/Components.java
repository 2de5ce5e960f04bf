package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.event.BackupListener;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.runner.config.Configuration;
import com.google.inject.Guice;
import com.google.inject.Inject;
import java.time.Clock;
import java.util.Map;

/** What a command works with. Sources and sinks are made when they are first used; closing it closes the sinks and
 * removes the temporary files. */
public final class Components implements AutoCloseable {
    private final BackupEngine engine;
    private final Jobs jobs;
    private final Sinks sinks;
    private final Scratch scratch;

    @Inject
    Components(BackupEngine engine, Jobs jobs, Sinks sinks, Scratch scratch) {
        this.engine = engine;
        this.jobs = jobs;
        this.sinks = sinks;
        this.scratch = scratch;
    }

    /**
     * Puts everything together.
     *
     * @param tool what manifests record as the versions at work
     */
    public static Components of(
            Configuration configuration,
            Scratch scratch,
            Redactions redactions,
            Clock clock,
            BackupListener listener,
            Map<String, String> tool) {
        NativeLibraries.unpackTo(scratch.unsweptDirectory());
        return Guice.createInjector(new RunnerModule(configuration, scratch, redactions, clock, listener, tool))
                .getInstance(Components.class);
    }

    /** Does the work. */
    public BackupEngine engine() {
        return engine;
    }

    /** What there is to do. */
    public Jobs jobs() {
        return jobs;
    }

    /** Where backups are kept. */
    public Sinks sinks() {
        return sinks;
    }

    /** Where temporary files go. */
    public Scratch scratch() {
        return scratch;
    }

    @Override
    public void close() {
        try (scratch) {
            sinks.close();
            NativeLibraries.unpackToSystemDirectory();
        }
    }
}
