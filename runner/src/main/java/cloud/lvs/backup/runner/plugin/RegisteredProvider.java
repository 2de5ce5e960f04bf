package cloud.lvs.backup.runner.plugin;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A provider that was found. Whatever it makes runs with its own class loader as the context class loader, and what it
 * must not throw becomes a {@link BackupException} that names the provider and its jar.
 *
 * @param kind what it makes
 * @param type what {@code type:} says
 * @param provider the provider itself
 * @param origin the jar, or other place, it was loaded from
 * @param version as its jar's manifest says, or empty
 */
public record RegisteredProvider(ProviderKind kind, String type, Object provider, String origin, String version) {
    /** The provider's class. */
    public String className() {
        return provider.getClass().getName();
    }

    /**
     * The record of its configuration.
     *
     * @throws BackupException if the plugin is broken
     */
    public Class<? extends Record> configType() throws BackupException {
        return call("configType", () -> {
            if (provider instanceof SourceProvider<?> source) {
                return source.configType();
            }
            if (provider instanceof SinkProvider<?> sink) {
                return sink.configType();
            }
            return ((RetentionPolicyProvider<?>) provider).configType();
        });
    }

    /**
     * The record of what {@code restore --set} may say; the provider is one of sources.
     *
     * @throws BackupException if the plugin is broken
     */
    public Class<? extends Record> restoreType() throws BackupException {
        return call("restoreType", () -> ((SourceProvider<?>) provider).restoreType());
    }

    /**
     * The lowest level at which its sources add to a verification; the provider is one of sources.
     *
     * @throws BackupException if the plugin is broken
     */
    public Level verifiesFrom() throws BackupException {
        return call("verifiesFrom", () -> ((SourceProvider<?>) provider).verifiesFrom());
    }

    /**
     * The level at which backups of its sources are verified when none is named; the provider is one of sources.
     *
     * @throws BackupException if the plugin is broken
     */
    public Level defaultLevel() throws BackupException {
        return call("defaultLevel", () -> ((SourceProvider<?>) provider).defaultLevel());
    }

    /**
     * The names of the sinks that a source of this configuration reads.
     *
     * @throws BackupException if the plugin is broken
     */
    public Set<String> readsSinks(Record config) throws BackupException {
        return call("readsSinks", () -> sinksOf(provider, config));
    }

    /**
     * A new source over a {@code config} of {@link #configType()}.
     *
     * @throws IllegalArgumentException if the configuration cannot work
     * @throws BackupException if the plugin is broken
     */
    public Source source(Record config, ProviderContext context) throws BackupException {
        return PluginCalls.guard(Source.class, create(() -> createSource(provider, config, context)), this);
    }

    /** As {@link #source}, for a sink. */
    public Sink sink(Record config, ProviderContext context) throws BackupException {
        return PluginCalls.guard(Sink.class, create(() -> createSink(provider, config, context)), this);
    }

    /**
     * What would keep a sink of this configuration from being written to in this process.
     *
     * @throws BackupException if the plugin is broken
     */
    public List<Finding> sinkPreflight(Record config, long memoryBytes) throws BackupException {
        return call("preflight", () -> preflightSink(provider, config, memoryBytes));
    }

    /** As {@link #source}, for a policy. */
    public RetentionPolicy policy(Record config) throws BackupException {
        return PluginCalls.guard(RetentionPolicy.class, create(() -> createPolicy(provider, config)), this);
    }

    @SuppressWarnings("unchecked") // config is bound from the provider's own configType
    private static <C extends Record> Set<String> sinksOf(Object provider, Record config) {
        return ((SourceProvider<C>) provider).readsSinks((C) config);
    }

    @SuppressWarnings("unchecked") // as above
    private static <C extends Record> Source createSource(Object provider, Record config, ProviderContext context) {
        return ((SourceProvider<C>) provider).create((C) config, context);
    }

    @SuppressWarnings("unchecked") // as above
    private static <C extends Record> Sink createSink(Object provider, Record config, ProviderContext context) {
        return ((SinkProvider<C>) provider).create((C) config, context);
    }

    @SuppressWarnings("unchecked") // as above
    private static <C extends Record> List<Finding> preflightSink(Object provider, Record config, long memoryBytes) {
        return ((SinkProvider<C>) provider).preflight((C) config, memoryBytes);
    }

    @SuppressWarnings("unchecked") // as above
    private static <C extends Record> RetentionPolicy createPolicy(Object provider, Record config) {
        return ((RetentionPolicyProvider<C>) provider).create((C) config);
    }

    ClassLoader loader() {
        return provider.getClass().getClassLoader();
    }

    /** Whether it comes with this program, and has its version. */
    public boolean isBuiltIn() {
        return loader() == RegisteredProvider.class.getClassLoader();
    }

    /** Who it is, in a sentence: type, and class and jar of a plugin. */
    String description() {
        return kind.word() + " provider '" + type + "'"
                + (isBuiltIn() ? "" : " (" + className() + " in " + origin + ")");
    }

    /** What to say of what it must not throw. */
    BackupException failure(Throwable thrown) {
        if (thrown instanceof LinkageError) {
            return new BackupException(
                    Kind.CONFIG,
                    description(),
                    "does not work with this version: " + thrown,
                    "install a version of the plugin that fits, with all its jars",
                    thrown);
        }
        boolean said = thrown instanceof PluginExit;
        String message = thrown.getMessage() == null ? "" : ": " + thrown.getMessage();
        return new BackupException(
                Kind.FAILED,
                description(),
                said ? thrown.toString() : "failed: " + thrown.getClass().getSimpleName() + message,
                (said ? "a plugin has to throw instead" : "see where with --verbose") + "; report it to whoever made "
                        + maker(),
                thrown);
    }

    private String maker() {
        return isBuiltIn() ? "this program" : "the plugin";
    }

    /** What a method gives that must neither refuse nor give null. */
    private <T> T call(String method, Supplier<@Nullable T> body) throws BackupException {
        @Nullable T given;
        try {
            given = create(body);
        } catch (IllegalArgumentException e) {
            throw failure(e);
        }
        if (given == null) {
            throw new BackupException(
                    Kind.FAILED,
                    description(),
                    "its " + method + "() gave null",
                    "report it to whoever made " + maker());
        }
        return given;
    }

    private <T> @Nullable T create(Supplier<@Nullable T> body) throws BackupException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(loader());
        try {
            return body.get();
        } catch (OutOfMemoryError | IllegalArgumentException | UncheckedIOException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw failure(e);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
