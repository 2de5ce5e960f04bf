package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.runner.config.Configuration;
import cloud.lvs.backup.runner.config.ConfiguredProvider;
import cloud.lvs.backup.runner.config.yaml.Suggestions;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.SinkProvider;
import com.google.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The configured sinks, each opened when it is first asked for and closed with all others. Thread-safe. */
public final class Sinks implements AutoCloseable {
    private final Configuration configuration;
    private final RunnerProviderContext context;
    private final Map<String, NamedSink> opened = new HashMap<>();

    @Inject
    Sinks(Configuration configuration, RunnerProviderContext context) {
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
        ConfiguredProvider<SinkProvider<?>> configured = requireKnown(name);
        ConfiguredProvider.Usable usable = configured.require();
        try {
            NamedSink sink = new NamedSink(name, usable.provider().sink(usable.config(), context));
            opened.put(name, sink);
            return sink;
        } catch (IllegalArgumentException e) {
            throw Jobs.refused("sink '" + name + "'", configured, e);
        }
    }

    /**
     * As {@link #named}, for a sink that is to be written to.
     *
     * @throws BackupException also if this process cannot write to it
     */
    public NamedSink writable(String name) throws BackupException {
        requireWritable(name);
        return named(name);
    }

    /** As {@link #named} does, without opening it. */
    public ConfiguredProvider<SinkProvider<?>> requireKnown(String name) throws BackupException {
        ConfiguredProvider<SinkProvider<?>> configured = configuration.sinks().get(name);
        if (configured == null) {
            throw new BackupException(
                    Kind.CONFIG,
                    "sink '" + name + "'",
                    "is not in the configuration",
                    Suggestions.to(name, configuration.sinks().keySet())
                                    .map(near -> "did you mean '" + near + "'? ")
                                    .orElse("")
                            + "known: "
                            + String.join(", ", configuration.sinks().keySet()));
        }
        return configured;
    }

    /**
     * What would keep this process from writing to a sink, whatever its store does. Opens nothing.
     *
     * @throws BackupException as {@link #requireKnown} does, or if the plugin is broken
     */
    public List<Finding> preflight(String name) throws BackupException {
        return preflight(name, requireKnown(name));
    }

    /** As above, for a configuration that is only looked at. */
    public static List<Finding> preflight(String name, ConfiguredProvider<SinkProvider<?>> configured)
            throws BackupException {
        ConfiguredProvider.Usable usable = configured.require();
        return usable
                .provider()
                .sinkPreflight(usable.config(), Runtime.getRuntime().maxMemory())
                .stream()
                .map(finding -> new Finding(
                        finding.severity(),
                        "sink '" + name + "' (" + configured.at() + "): " + finding.target(),
                        finding.problem(),
                        finding.remedy(),
                        finding.kind()))
                .toList();
    }

    /**
     * Makes sure that this process can write to a sink.
     *
     * @throws BackupException of the kind of what prevents it
     */
    void requireWritable(String name) throws BackupException {
        for (Finding finding : preflight(name)) {
            if (finding.severity() == Finding.Severity.ERROR) {
                throw new BackupException(finding.kind(), finding.target(), finding.problem(), finding.remedy());
            }
        }
    }

    /** Closes every sink that was opened. */
    @Override
    public synchronized void close() {
        opened.values().forEach(sink -> sink.sink().close());
        opened.clear();
    }
}
