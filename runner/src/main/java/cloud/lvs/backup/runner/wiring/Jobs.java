package cloud.lvs.backup.runner.wiring;

import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Expectations;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Signing;
import cloud.lvs.backup.core.pipeline.AgeEncryption;
import cloud.lvs.backup.core.pipeline.ManifestSigner;
import cloud.lvs.backup.core.pipeline.ManifestVerifier;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.runner.config.Configuration;
import cloud.lvs.backup.runner.config.Configuration.Compression;
import cloud.lvs.backup.runner.config.Configuration.CopySettings;
import cloud.lvs.backup.runner.config.Configuration.Encryption;
import cloud.lvs.backup.runner.config.Configuration.JobSettings;
import cloud.lvs.backup.runner.config.Configuration.Settings;
import cloud.lvs.backup.runner.config.ConfiguredProvider;
import cloud.lvs.backup.runner.config.Percent;
import cloud.lvs.backup.runner.config.SourceRef;
import cloud.lvs.backup.runner.config.yaml.Suggestions;
import cloud.lvs.backup.runner.plugin.RegisteredProvider;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import com.google.inject.Inject;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The configured jobs, each put together when it is asked for, so that one that is broken harms no other. */
public final class Jobs {
    /** Retention waits for a whole new backup after this many missed ones. */
    private static final int MISSED_BACKUPS = 3;

    private final Configuration configuration;
    private final Sinks sinks;
    private final RunnerProviderContext context;

    @Inject
    Jobs(Configuration configuration, Sinks sinks, RunnerProviderContext context) {
        this.configuration = configuration;
        this.sinks = sinks;
        this.context = context;
    }

    /** In the order of the configuration. */
    public List<String> names() {
        return List.copyOf(configuration.jobs().keySet());
    }

    /**
     * The job of a name.
     *
     * @throws BackupException of kind {@code CONFIG} if there is none, or a part of it does not work
     */
    public Job named(String name) throws BackupException {
        JobSettings settings = settings(name);
        List<CopyTarget> copies = new ArrayList<>();
        for (CopySettings copy : settings.copies()) {
            RetentionPolicy policy = policy("job '" + name + "': copy to '" + copy.sink() + "'", copy.retention());
            copies.add(
                    policy == null
                            ? new CopyTarget(sinks.named(copy.sink()))
                            : new CopyTarget(sinks.named(copy.sink()), policy));
        }
        Job.Builder job = begin(name, settings, settings.sink()).copies(copies);
        RetentionPolicy policy = policy("job '" + name + "'", settings.retention());
        if (policy != null) {
            job.retention(policy);
        }
        return job.build();
    }

    /**
     * The job as its backups in one sink are read, held and drilled. Opens no other, since that may be lost.
     *
     * @throws BackupException as {@link #named(String)} does
     */
    public Job named(String name, String sink) throws BackupException {
        return begin(name, settings(name), sink).build();
    }

    private Job.Builder begin(String name, JobSettings settings, String sink) throws BackupException {
        Settings defaults = configuration.defaults();
        ConfiguredProvider<SourceProvider<?>> source = source(settings);
        ConfiguredProvider.Usable usable = source.require();
        Job.Builder job = Job.named(name, source.type(), () -> open(name, source, usable), sinks.named(sink))
                .verifiesFrom(usable.provider().verifiesFrom())
                .defaultLevel(usable.provider().defaultLevel())
                .restoreType(usable.provider().restoreType())
                .sourceVersion(
                        usable.provider().isBuiltIn() ? "" : usable.provider().version())
                .pipeline(pipeline(settings, defaults))
                .signing(signing(firstGiven(settings.signing(), defaults.signing())))
                .expectations(new Expectations(
                        settings.expect().minItems(), fraction(settings.expect().maxShrink())))
                .keys(given(settings.keys(), defaults.keys()))
                .confirm(given(settings.confirm(), defaults.confirm()))
                .grace(given(settings.grace(), defaults.grace()))
                .lockTtl(given(settings.lockTtl(), defaults.lockTtl()));
        Duration rpo = settings.rpo();
        return rpo == null ? job : job.rpo(rpo).staleAfter(rpo.multipliedBy(MISSED_BACKUPS));
    }

    /**
     * What providers refuse when the sinks, policies and sources of a configuration are made, which connects to nothing. Made
     * without Guice: it is asked for by a command that has to be quick.
     */
    public static List<BackupException> refusals(
            Configuration configuration, Scratch scratch, Redactions redactions, Clock clock) {
        var made = new AtomicReference<Sinks>();
        var context = new RunnerProviderContext(clock, scratch, redactions, made::get);
        try (scratch;
                Sinks sinks = new Sinks(configuration, context)) {
            made.set(sinks);
            return new Jobs(configuration, sinks, context).refusals();
        }
    }

    private List<BackupException> refusals() {
        Map<String, BackupException> refusals = new LinkedHashMap<>();
        for (String name : names()) {
            try {
                named(name).openSource().close();
            } catch (UncheckedIOException e) {
                if (e.getCause() instanceof BackupException refusal) {
                    refusals.put(refusal.getMessage(), refusal);
                }
            } catch (BackupException e) {
                refusals.put(e.getMessage(), e);
            }
        }
        return refusals.values().stream()
                .filter(refusal -> refusal.kind() == Kind.CONFIG)
                .toList();
    }

    /** The names of the sinks of a job that is configured: its own, and those of its copies. */
    public List<String> sinks(String name) {
        JobSettings settings = Objects.requireNonNull(configuration.jobs().get(name));
        return Stream.concat(
                        Stream.of(settings.sink()), settings.copies().stream().map(CopySettings::sink))
                .toList();
    }

    /**
     * As {@link #named}, for a job whose backups are to be written.
     *
     * @throws BackupException also if this process cannot write to its sink, or to one of its copies'
     */
    public Job writable(String name) throws BackupException {
        JobSettings settings = settings(name);
        sinks.requireWritable(settings.sink());
        for (CopySettings copy : settings.copies()) {
            sinks.requireWritable(copy.sink());
        }
        return named(name);
    }

    /**
     * The provider of a job's source.
     *
     * @throws BackupException as {@link #named} does
     */
    public RegisteredProvider sourceProvider(String name) throws BackupException {
        return source(settings(name)).require().provider();
    }

    /**
     * How old the newest backup of a job may become, if the configuration says so.
     *
     * @throws BackupException of kind {@code CONFIG} if there is no such job
     */
    public Optional<Duration> rpo(String name) throws BackupException {
        return Optional.ofNullable(settings(name).rpo());
    }

    private JobSettings settings(String name) throws BackupException {
        JobSettings settings = configuration.jobs().get(name);
        if (settings == null) {
            throw new BackupException(
                    Kind.CONFIG,
                    "job '" + name + "'",
                    "is not in the configuration",
                    Suggestions.suggestion(name, configuration.jobs().keySet()));
        }
        return settings;
    }

    private ConfiguredProvider<SourceProvider<?>> source(JobSettings settings) {
        if (settings.source() instanceof SourceRef.Named named) {
            // The loader has refused a configuration whose references lead nowhere.
            return Objects.requireNonNull(configuration.sources().get(named.name()));
        }
        return ((SourceRef.Inline) settings.source()).source();
    }

    private Source open(String job, ConfiguredProvider<?> configured, ConfiguredProvider.Usable usable) {
        try {
            return usable.provider().source(usable.config(), context);
        } catch (IllegalArgumentException e) {
            throw new UncheckedIOException(refused("source of job '" + job + "'", configured, e));
        } catch (BackupException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable RetentionPolicy policy(
            String where, @Nullable ConfiguredProvider<RetentionPolicyProvider<?>> configured) throws BackupException {
        if (configured == null) {
            return null;
        }
        ConfiguredProvider.Usable usable = configured.require();
        try {
            return usable.provider().policy(usable.config());
        } catch (IllegalArgumentException e) {
            throw refused("retention of " + where, configured, e);
        }
    }

    private static Pipeline pipeline(JobSettings settings, Settings defaults) {
        Compression compression = given(settings.compression(), defaults.compression());
        Encryption encryption = firstGiven(settings.encryption(), defaults.encryption());
        if (encryption == null) {
            return new Pipeline(compression.pipelinePart());
        }
        AgeEncryption age = encryption.pipelinePart();
        return age == null
                ? Pipeline.unencryptedOnPurpose(compression.pipelinePart(), encryption.identityFile())
                : new Pipeline(compression.pipelinePart(), age, encryption.identityFile());
    }

    private static Signing signing(Configuration.@Nullable Signing signing) {
        if (signing == null) {
            return Signing.NONE;
        }
        return new Signing(
                signing.privateKeyFile() == null ? null : new ManifestSigner(signing.privateKeyFile()),
                signing.publicKeyFiles().isEmpty() ? null : new ManifestVerifier(signing.publicKeyFiles()));
    }

    private static @Nullable Double fraction(@Nullable Percent percent) {
        return percent == null ? null : Double.valueOf(percent.fraction());
    }

    private static <T> T given(@Nullable T ofJob, T byDefault) {
        return ofJob == null ? byDefault : ofJob;
    }

    private static <T> @Nullable T firstGiven(@Nullable T ofJob, @Nullable T byDefault) {
        return ofJob == null ? byDefault : ofJob;
    }

    /** What a provider refuses when it makes something; its message names the key. */
    static BackupException refused(String what, ConfiguredProvider<?> configured, IllegalArgumentException e) {
        return new BackupException(
                Kind.CONFIG, what, String.valueOf(e.getMessage()), "change it at " + configured.at(), e);
    }
}
