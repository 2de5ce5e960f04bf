package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.core.NamedSink;
import cloud.lvs.backup.runner.config.Configuration;
import cloud.lvs.backup.runner.config.Configured;
import cloud.lvs.backup.runner.config.Nearest;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.SinkProvider;
import com.google.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The configured sinks, each opened when it is first asked for and closed with all others. Thread-safe. */
public final class Sinks implements AutoCloseable {
    private final Configuration configuration;
    private final HostContext context;
    private final Map<String, NamedSink> opened = new HashMap<>();

    @Inject
    Sinks(Configuration configuration, HostContext context) {
        this.configuration = configuration;
        this.context = context;
    }

    /** In the order of the configuration. */
    public List<String> names() {
        return List.copyOf(configuration.sinks().keySet());
    }

    /**
     * The sink of a name.
     *
     * @throws BackupException of kind {@code CONFIG} if there is none, or its provider refuses the configuration
     */
    public synchronized NamedSink named(String name) throws BackupException {
        NamedSink open = opened.get(name);
        if (open != null) {
            return open;
        }
        Configured<SinkProvider<?>> configured = requireKnown(name);
        Configured.Usable usable = configured.require();
        try {
            NamedSink sink = new NamedSink(name, usable.provider().sink(usable.config(), context));
            opened.put(name, sink);
            return sink;
        } catch (IllegalArgumentException e) {
            throw Jobs.refused("sink '" + name + "'", configured, e);
        }
    }

    /** As {@link #named} does, without opening it. */
    public Configured<SinkProvider<?>> requireKnown(String name) throws BackupException {
        Configured<SinkProvider<?>> configured = configuration.sinks().get(name);
        if (configured == null) {
            throw new BackupException(
                    Kind.CONFIG,
                    "sink '" + name + "'",
                    "is not in the configuration",
                    Nearest.suggestion(name, configuration.sinks().keySet()));
        }
        return configured;
    }

    /** Closes every sink that was opened. */
    @Override
    public synchronized void close() {
        opened.values().forEach(sink -> sink.sink().close());
        opened.clear();
    }
}
