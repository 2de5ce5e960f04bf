package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.event.BackupListener;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.runner.config.Configuration;
import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;

/** Binds what a command works with. Core, providers and sinks are plain constructors, so they embed without it. */
final class RunnerModule extends AbstractModule {
    private final Configuration configuration;
    private final Scratch scratch;
    private final Redactions redactions;
    private final Clock clock;
    private final BackupListener listener;
    private final Map<String, String> tool;

    RunnerModule(
            Configuration configuration,
            Scratch scratch,
            Redactions redactions,
            Clock clock,
            BackupListener listener,
            Map<String, String> tool) {
        this.configuration = configuration;
        this.scratch = scratch;
        this.redactions = redactions;
        this.clock = clock;
        this.listener = listener;
        this.tool = Map.copyOf(tool);
    }

    @Override
    protected void configure() {
        // A forgotten binding becomes an error at the start instead of an object made in silence.
        binder().requireExplicitBindings();
        binder().requireExactBindingAnnotations();
        binder().disableCircularProxies();
        bind(Configuration.class).toInstance(configuration);
        bind(Scratch.class).toInstance(scratch);
        bind(Redactions.class).toInstance(redactions);
        bind(Clock.class).toInstance(clock);
        bind(BackupListener.class).toInstance(listener);
        bind(RunnerProviderContext.class).in(Singleton.class);
        bind(Sinks.class).in(Singleton.class);
        bind(Jobs.class).in(Singleton.class);
        bind(Components.class).in(Singleton.class);
    }

    @Provides
    @Singleton
    BackupEngine engine(Clock clock, BackupListener listener) {
        return new BackupEngine(clock, new SecureRandom(), tool, listener);
    }
}
