package cloud.lvs.backup.core.job;

import cloud.lvs.backup.core.catalog.KeyTemplate;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.shield.ShieldedSource;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A named source with its pipeline, sink, retention and expectations. Immutable; made by {@link #of}.
 *
 * <p>The source is made anew for each piece of work; a configuration that cannot work may be refused then, with an
 * {@link IllegalArgumentException}.
 */
public final class Job {
    private final Builder parts;

    private Job(Builder parts) {
        this.parts = new Builder(parts);
    }

    /**
     * Begins a job.
     *
     * @param name 1 to 63 characters of {@code a-z 0-9 . _ -}, as in {@link BackupId#job}
     * @param config what the provider makes its sources from
     * @param context given to each of them
     * @throws IllegalArgumentException if no backup can bear the name
     */
    public static <C extends Record> Builder of(
            String name, SourceProvider<C> provider, C config, ProviderContext context, NamedSink sink) {
        SourceMaker maker =
                new SourceMaker(provider.type(), provider.getClass().getName(), () -> provider.create(config, context));
        return new Builder(name, maker, sink)
                .verifiesFrom(provider.verifiesFrom())
                .defaultLevel(provider.defaultLevel())
                .restoreType(provider.restoreType());
    }

    /**
     * Begins a job whose sources come from elsewhere than a provider. Say {@link Builder#verifiesFrom} if the source has one.
     *
     * @param name 1 to 63 characters of {@code a-z 0-9 . _ -}, as in {@link BackupId#job}
     * @param sourceType the {@code type} of the source, recorded in the manifest
     * @param source gives a new source at each call
     * @throws IllegalArgumentException if no backup can bear the name
     */
    public static Builder named(String name, String sourceType, Supplier<Source> source, NamedSink sink) {
        return new Builder(name, new SourceMaker(sourceType, "its supplier", source), sink);
    }

    /**
     * Begins a job for what is stored alone, when the source is gone or not at hand: its backups can be listed, shown, copied,
     * held, pruned, and verified by their checksums. Whatever needs the source fails with a {@link BackupException} of kind
     * {@code CONFIG}.
     *
     * @param name 1 to 63 characters of {@code a-z 0-9 . _ -}: that of the job that made the backups
     * @throws IllegalArgumentException if no backup can bear the name
     */
    public static Builder withoutSource(String name, NamedSink sink) {
        return new Builder(name, null, sink);
    }

    /** Where the sources of a job come from; {@code maker} is who is to blame if there comes none. */
    private record SourceMaker(String type, String maker, Supplier<? extends @Nullable Source> source) {}

    /** The job's name. */
    public String name() {
        return parts.name;
    }

    /** The {@code type} of the source; empty for a job without one. */
    public String sourceType() {
        return parts.source == null ? "" : parts.source.type();
    }

    /** The version of what makes the source; empty if it is not told. */
    public String sourceVersion() {
        return parts.sourceVersion;
    }

    /**
     * A new source, which discards, abandons and closes with a pending interrupt held back; the caller closes it.
     *
     * @throws BackupException of kind {@code CONFIG} if the job has none
     */
    public Source openSource() throws BackupException {
        SourceMaker maker = maker();
        Source source = maker.source().get();
        if (source == null) {
            throw new BackupException(
                    Kind.FAILED,
                    "source '" + maker.type() + "' of job " + name(),
                    maker.maker() + " gave null in place of a source",
                    "it has to give a new source at each call");
        }
        return new ShieldedSource(source);
    }

    /**
     * Fails if the job was made {@link #withoutSource}.
     *
     * @throws BackupException of kind {@code CONFIG}
     */
    public void requireSource() throws BackupException {
        maker();
    }

    private SourceMaker maker() throws BackupException {
        SourceMaker maker = parts.source;
        if (maker == null) {
            throw new BackupException(
                    Kind.CONFIG,
                    "job " + name(),
                    "has no source, and this needs one",
                    "make the job with its source: Job.of");
        }
        return maker;
    }

    /**
     * Refuses options that the source does not take.
     *
     * @throws BackupException of kind {@code CONFIG} if there are none, or they are of another type than the job's restore type
     */
    public void requireOptions(@Nullable Record options) throws BackupException {
        Class<? extends Record> expected = parts.restoreType;
        if (options == null || (expected != null && !expected.isInstance(options))) {
            String needed = expected == null ? "an instance of its provider's restoreType()" : expected.getName();
            throw new BackupException(
                    Kind.CONFIG,
                    "the options of a restore for job " + name(),
                    "have to be " + needed + ", but are "
                            + (options == null ? "null" : options.getClass().getName()),
                    "pass " + needed + " in RestoreRequest.options, or to drill");
        }
    }

    /** The lowest level at which the source has something to add to a verification. */
    public Level verifiesFrom() {
        return parts.verifiesFrom;
    }

    /** The level of a verification that names none. */
    public Level defaultLevel() {
        return parts.defaultLevel;
    }

    /** Where the backups are kept. */
    public NamedSink sink() {
        return parts.sink;
    }

    /** Further places that each backup is copied to. */
    public List<CopyTarget> copies() {
        return parts.copies;
    }

    /** What is kept in a sink: what the job keeps there, or everything if it is neither its sink nor one of its copies. */
    public RetentionPolicy retentionIn(NamedSink sink) {
        if (sink.equals(sink())) {
            return retention();
        }
        return copies().stream()
                .filter(copy -> copy.sink().equals(sink))
                .map(CopyTarget::retention)
                .findFirst()
                .orElse(KeepAll.INSTANCE);
    }

    /** This job, were its backups in that sink alone. */
    public Job in(NamedSink other) {
        return new Job(new Builder(parts, other).copies(List.of()).retention(retentionIn(other)));
    }

    /** What happens to the bytes. */
    public Pipeline pipeline() {
        return parts.pipeline;
    }

    /** Whether manifests are signed, and how they are checked. */
    public Signing signing() {
        return parts.signing;
    }

    /** What is kept. */
    public RetentionPolicy retention() {
        return parts.retention;
    }

    /** What a run has to bring. */
    public Expectations expectations() {
        return parts.expectations;
    }

    /** How payload keys look. */
    public KeyTemplate keys() {
        return parts.keys;
    }

    /** Up to which stored size an artifact is read back in full before the commit. */
    public ByteSize confirm() {
        return parts.confirm;
    }

    /** After which time what a dead run left is swept; a run may take half of it. */
    public Duration grace() {
        return parts.grace;
    }

    /** How old the newest backup may be for retention to delete anything. */
    public Duration staleAfter() {
        return parts.staleAfter;
    }

    /** How old the newest backup may be, and what is in it; empty for no limit. */
    public Optional<Duration> rpo() {
        return Optional.ofNullable(parts.rpo);
    }

    /** How long a lock outlives its last heartbeat. */
    public Duration lockTtl() {
        return parts.lockTtl;
    }

    /** Collects the parts of a job. Not thread-safe. */
    public static final class Builder {
        private static final RunId SOME_RUN = new RunId("k7f3q2xw");

        private final String name;
        private final @Nullable SourceMaker source;
        private final NamedSink sink;
        private String sourceVersion = "";
        private Level verifiesFrom = Level.CONTENT;
        private Level defaultLevel = Level.CHECKSUM;
        private @Nullable Class<? extends Record> restoreType;
        private List<CopyTarget> copies = List.of();
        private Pipeline pipeline = new Pipeline();
        private Signing signing = Signing.NONE;
        private RetentionPolicy retention = KeepAll.INSTANCE;
        private Expectations expectations = Expectations.NONE;
        private KeyTemplate keys = KeyTemplate.DEFAULT;
        private ByteSize confirm = new ByteSize(256L << 20);
        private Duration grace = Duration.ofHours(48);
        private Duration staleAfter = Duration.ofDays(7);
        private Duration lockTtl = Duration.ofMinutes(10);
        private @Nullable Duration rpo;

        private Builder(String name, @Nullable SourceMaker source, NamedSink sink) {
            // Whatever a backup of this job cannot be called is refused here, before a run leaves anything in a sink.
            this.name = new BackupId(name, Instant.EPOCH, SOME_RUN).job();
            this.source = source;
            this.sink = sink;
        }

        private Builder(Builder other) {
            this(other, other.sink);
        }

        private Builder(Builder other, NamedSink sink) {
            this(other.name, other.source, sink);
            sourceVersion = other.sourceVersion;
            verifiesFrom = other.verifiesFrom;
            defaultLevel = other.defaultLevel;
            restoreType = other.restoreType;
            copies = other.copies;
            pipeline = other.pipeline;
            signing = other.signing;
            retention = other.retention;
            expectations = other.expectations;
            keys = other.keys;
            confirm = other.confirm;
            grace = other.grace;
            staleAfter = other.staleAfter;
            lockTtl = other.lockTtl;
            rpo = other.rpo;
        }

        /** The version of what makes the source, recorded in the manifest. By default none. */
        public Builder sourceVersion(String version) {
            this.sourceVersion = version;
            return this;
        }

        /** From which level on the source adds to a verification. By default as its provider says, else {@code CONTENT}. */
        public Builder verifiesFrom(Level level) {
            this.verifiesFrom = level;
            return this;
        }

        /** The level of a verification that names none. By default as its provider says, else {@code CHECKSUM}. */
        public Builder defaultLevel(Level level) {
            this.defaultLevel = level;
            return this;
        }

        /**
         * What the options of a restore have to be; others are refused before the source sees them. By default what
         * {@link SourceProvider#restoreType} of the provider says, anything for a job of {@link Job#named}.
         */
        public Builder restoreType(Class<? extends Record> type) {
            this.restoreType = type;
            return this;
        }

        /** Where else each backup is copied to after the run, in this order. By default nowhere. */
        public Builder copies(List<CopyTarget> copies) {
            this.copies = List.copyOf(copies);
            return this;
        }

        /** How artifacts are compressed and encrypted. By default zstd at level 3, and no encryption. */
        public Builder pipeline(Pipeline pipeline) {
            this.pipeline = pipeline;
            return this;
        }

        /** Whether manifests are signed, and their signatures asked for. By default neither. */
        public Builder signing(Signing signing) {
            this.signing = signing;
            return this;
        }

        /** Which backups are kept in the job's sink; each copy has a policy of its own. By default all of them. */
        public Builder retention(RetentionPolicy retention) {
            this.retention = retention;
            return this;
        }

        /** What a run has to bring to be whole. By default at least one item, however much it shrinks. */
        public Builder expectations(Expectations expectations) {
            this.expectations = expectations;
            return this;
        }

        /** How the keys of artifacts look. By default {@code {yyyy}/{MM}/{artifact}-{timestamp}-{run}{ext}}. */
        public Builder keys(KeyTemplate keys) {
            this.keys = keys;
            return this;
        }

        /**
         * Up to which stored size an artifact is read back in full before the commit; of a larger one, size and checksum as the
         * store tells them are compared. By default 256 MiB.
         */
        public Builder confirm(ByteSize confirm) {
            this.confirm = confirm;
            return this;
        }

        /** After which time what a dead run left is swept; a run may take half of it. By default 48 hours. */
        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        /** How old the newest backup that counts may be for retention to delete anything. By default 7 days. */
        public Builder staleAfter(Duration staleAfter) {
            this.staleAfter = staleAfter;
            return this;
        }

        /**
         * The recovery point objective: how old the newest backup, and what is in it, may be. A run whose source was not written
         * for longer is partial. By default no limit.
         */
        public Builder rpo(Duration rpo) {
            this.rpo = rpo;
            return this;
        }

        /** How long the lock of a process that died holds others off, counted from its last heartbeat. By default 10 minutes. */
        public Builder lockTtl(Duration lockTtl) {
            this.lockTtl = lockTtl;
            return this;
        }

        /** The job; the builder may be used again. */
        public Job build() {
            return new Job(this);
        }
    }
}
