package cloud.lvs.backup.core;

import cloud.lvs.backup.core.catalog.KeyTemplate;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.Source;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A named source with its pipeline, sink, retention and expectations. Immutable; made by {@link #named}.
 *
 * <p>{@code source} is asked for a new source for each piece of work and may throw {@link IllegalArgumentException} if its
 * configuration cannot work.
 */
public final class Job {
    private final Builder parts;

    private Job(Builder parts) {
        this.parts = new Builder(parts);
    }

    /**
     * Begins a job.
     *
     * @param name as in {@link cloud.lvs.backup.spi.BackupId#job}
     * @param sourceType the {@code type} of the source, recorded in the manifest
     */
    public static Builder named(String name, String sourceType, Supplier<Source> source, NamedSink sink) {
        return new Builder(name, sourceType, source, sink);
    }

    /** The job's name. */
    public String name() {
        return parts.name;
    }

    /** The {@code type} of the source. */
    public String sourceType() {
        return parts.sourceType;
    }

    /** A new source; the caller closes it. */
    public Source openSource() {
        return parts.source.get();
    }

    /** The lowest level at which the source has something to add to a verification. */
    public Level verifiesFrom() {
        return parts.verifiesFrom;
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
    RetentionPolicy retentionIn(NamedSink sink) {
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
    Job in(NamedSink other) {
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

    /** Collects the parts of a job; what is not said has the default the configuration documents. */
    public static final class Builder {
        private final String name;
        private final String sourceType;
        private final Supplier<Source> source;
        private final NamedSink sink;
        private Level verifiesFrom = Level.CONTENT;
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

        private Builder(String name, String sourceType, Supplier<Source> source, NamedSink sink) {
            this.name = name;
            this.sourceType = sourceType;
            this.source = source;
            this.sink = sink;
        }

        private Builder(Builder other) {
            this(other, other.sink);
        }

        private Builder(Builder other, NamedSink sink) {
            this(other.name, other.sourceType, other.source, sink);
            verifiesFrom = other.verifiesFrom;
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

        /** What {@link cloud.lvs.backup.spi.SourceProvider#verifiesFrom} says; {@code CONTENT} by default. */
        public Builder verifiesFrom(Level level) {
            this.verifiesFrom = level;
            return this;
        }

        public Builder copies(List<CopyTarget> copies) {
            this.copies = List.copyOf(copies);
            return this;
        }

        public Builder pipeline(Pipeline pipeline) {
            this.pipeline = pipeline;
            return this;
        }

        public Builder signing(Signing signing) {
            this.signing = signing;
            return this;
        }

        public Builder retention(RetentionPolicy retention) {
            this.retention = retention;
            return this;
        }

        public Builder expectations(Expectations expectations) {
            this.expectations = expectations;
            return this;
        }

        public Builder keys(KeyTemplate keys) {
            this.keys = keys;
            return this;
        }

        public Builder confirm(ByteSize confirm) {
            this.confirm = confirm;
            return this;
        }

        public Builder grace(Duration grace) {
            this.grace = grace;
            return this;
        }

        public Builder staleAfter(Duration staleAfter) {
            this.staleAfter = staleAfter;
            return this;
        }

        /** As {@link Job#rpo}: a run whose source was not written for so long is partial. */
        public Builder rpo(Duration rpo) {
            this.rpo = rpo;
            return this;
        }

        public Builder lockTtl(Duration lockTtl) {
            this.lockTtl = lockTtl;
            return this;
        }

        /**
         * The job.
         *
         * @throws IllegalArgumentException if the parts do not fit together
         */
        public Job build() {
            return new Job(this);
        }
    }
}
