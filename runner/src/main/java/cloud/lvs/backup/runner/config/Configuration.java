package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.core.catalog.KeyTemplate;
import cloud.lvs.backup.core.pipeline.AgeEncryption;
import cloud.lvs.backup.core.pipeline.Compression.Gzip;
import cloud.lvs.backup.core.pipeline.Compression.Zstd;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Matches;
import cloud.lvs.backup.spi.Range;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.SinkProvider;
import cloud.lvs.backup.spi.SourceProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The whole configuration; its components are its keys. */
public record Configuration(
        @Doc("Version of this schema; 1.") @Range(min = "1", max = "1")
        int version,

        @Doc("Existing directory for temporary files; without it the one of the system (TMPDIR or /tmp).") @Nullable
        Path scratch,

        @Doc("What to protect, by name.") @Default("{}") Map<String, ConfiguredProvider<SourceProvider<?>>> sources,
        @Doc("Where backups are kept, by name.") Map<String, ConfiguredProvider<SinkProvider<?>>> sinks,

        @Doc("What holds for every job that does not say otherwise.") @Default("{}")
        Settings defaults,

        @Doc("The jobs, by name: 1 to 63 characters of a-z, 0-9, '.', '_' and '-'.")
        Map<String, JobSettings> jobs,

        @Doc("Which items need no job, and why. Not in this version: refused.") @Nullable
        Coverage coverage) {

    public Configuration {
        if (version != 1) {
            throw new IllegalArgumentException("version has to be 1; this program knows no other");
        }
        if (jobs.isEmpty()) {
            throw new IllegalArgumentException("jobs is empty; define at least one job");
        }
    }

    /** What holds for every job that does not say otherwise. */
    public record Settings(
            @Doc("How artifacts are compressed.") @Default("{}")
            Compression compression,

            @Doc("How artifacts are encrypted; without it they are not.") @Nullable
            Encryption encryption,

            @Doc("How manifests are signed and checked; without it they are neither.") @Nullable
            Signing signing,

            @Doc("Layout of payload keys.") @Default("{yyyy}/{MM}/{artifact}-{timestamp}-{run}{ext}")
            KeyTemplate keys,

            @Doc("Artifacts up to this stored size are read back in full before the commit.") @Default("256MiB")
            ByteSize confirm,

            @Doc("What a dead run left is swept after this time; a run may take half of it.")
            @Default("48h")
            @Range(min = "1s")
            Duration grace,

            @Doc("How long a lock outlives the last sign of life of its holder.") @Default("10m") @Range(min = "1s")
            Duration lockTtl) {}

    /** One job. */
    public record JobSettings(
            @Doc("Name of one of 'sources', or a source defined in place.")
            SourceRef source,

            @Doc("Name of one of 'sinks'.") String sink,

            @Doc("Further sinks that each backup is copied to.") @Default("[]")
            List<CopySettings> copies,

            @Doc("What is kept; without it everything is.") @Nullable
            ConfiguredProvider<RetentionPolicyProvider<?>> retention,

            @Doc("When it should run: five cron fields. The runner never schedules: this is for whatever starts it.")
            @Nullable
            Schedule schedule,

            @Doc(
                    "How old the newest backup may become, and what is in it: a run whose source was not written for longer is"
                            + " partial. Retention deletes nothing when the newest backup is three times as old (7d without rpo).")
            @Range(min = "1ms")
            @Nullable
            Duration rpo,

            @Doc("What a run has to bring.") @Default("{}") Expect expect,

            @Doc("Instead of defaults.compression.") @Nullable
            Compression compression,

            @Doc("Instead of defaults.encryption.") @Nullable
            Encryption encryption,

            @Doc("Instead of defaults.signing.") @Nullable Signing signing,
            @Doc("Instead of defaults.keys.") @Nullable KeyTemplate keys,
            @Doc("Instead of defaults.confirm.") @Nullable ByteSize confirm,

            @Doc("Instead of defaults.grace.") @Range(min = "1s") @Nullable
            Duration grace,

            @Doc("Instead of defaults.lockTtl.") @Range(min = "1s") @Nullable
            Duration lockTtl) {
        public JobSettings {
            if (rpo != null && rpo.isZero()) {
                throw new IllegalArgumentException("rpo has to be longer than nothing");
            }
        }
    }

    /** A further sink. */
    public record CopySettings(
            @Doc("Name of one of 'sinks', another than the job's.")
            String sink,

            @Doc("What is kept there; without it everything is.") @Nullable
            ConfiguredProvider<RetentionPolicyProvider<?>> retention) {}

    /** What a run has to bring. */
    public record Expect(
            @Doc("Fewer items captured make the backup partial.") @Default("1") @Range(min = "1")
            int minItems,

            @Doc("A run that brings this much less than the previous backup warns; without it none does.") @Nullable
            Percent maxShrink) {
        public Expect {
            if (minItems < 1) {
                throw new IllegalArgumentException("minItems has to be at least 1");
            }
        }
    }

    /** How artifacts are compressed. */
    public record Compression(
            @Doc("The format.") @Default("zstd") Format type,

            @Doc("1 (fast) to 19 (small) for zstd, 3 without it; 1 to 9 for gzip, 6 without it.")
            @Range(min = "1", max = "19")
            @Nullable
            Integer level,

            @Doc("Threads for one artifact, 1 to 64; without it as many as there are processors, at most 4.")
            @Range(min = "1", max = "64")
            @Nullable
            Integer workers,

            @Doc("zstd only: log2 of the distance over which repeats are found, 20 to 27; 27 costs 128 MiB.")
            @Range(min = "20", max = "27")
            @Nullable
            Integer longWindow) {
        /** A compression format. */
        public enum Format {
            ZSTD,
            GZIP,
            NONE
        }

        public Compression {
            refuse("longWindow", longWindow, type != Format.ZSTD, type);
            refuse("level", level, type == Format.NONE, type);
            refuse("workers", workers, type == Format.NONE, type);
            pipelinePart(type, level, workers, longWindow);
        }

        /** What the pipeline knows it as. */
        public cloud.lvs.backup.core.pipeline.Compression pipelinePart() {
            return pipelinePart(type, level, workers, longWindow);
        }

        private static cloud.lvs.backup.core.pipeline.Compression pipelinePart(
                Format type, @Nullable Integer level, @Nullable Integer workers, @Nullable Integer longWindow) {
            return switch (type) {
                case ZSTD -> {
                    var zstd = new Zstd();
                    yield new Zstd(
                            level == null ? zstd.level() : level,
                            workers == null ? zstd.workers() : workers,
                            longWindow);
                }
                case GZIP -> {
                    var gzip = new Gzip();
                    yield new Gzip(level == null ? gzip.level() : level, workers == null ? gzip.workers() : workers);
                }
                case NONE -> cloud.lvs.backup.core.pipeline.Compression.NONE;
            };
        }

        private static void refuse(String key, @Nullable Integer value, boolean meaningless, Format type) {
            if (value != null && meaningless) {
                throw new IllegalArgumentException(
                        key + " has no meaning for type " + type.name().toLowerCase(Locale.ROOT));
            }
        }
    }

    /** How artifacts are encrypted. */
    public record Encryption(
            @Doc("age, or none: not encrypted, and meant so, which no run warns of.") @Default("age")
            Scheme type,

            @Doc("Public keys that can decrypt: age1…")
            @Default("[]")
            @Matches(value = "age1[0-9a-z]{58}", expects = "an age X25519 recipient: age1 and 58 characters")
            List<String> recipients,

            @Doc("File with the private key (AGE-SECRET-KEY-1…); needed only where content is read: verify --level"
                    + " content, restore.")
            @Nullable
            Path identityFile) {
        /** What encrypts. */
        public enum Scheme {
            AGE,
            NONE
        }

        public Encryption {
            if (type == Scheme.AGE) {
                new AgeEncryption(recipients);
            } else if (!recipients.isEmpty()) {
                throw new IllegalArgumentException("recipients have no meaning for type none");
            }
        }

        /** What the pipeline knows it as, or null for none. */
        public @Nullable AgeEncryption pipelinePart() {
            return type == Scheme.AGE ? new AgeEncryption(recipients) : null;
        }
    }

    /** How manifests are signed and checked. */
    public record Signing(
            @Doc("File with the Ed25519 private key (PEM, PKCS#8) that signs; needed only where backups are made.")
            @Nullable
            Path privateKeyFile,

            @Doc(
                    "Files with the Ed25519 public keys (PEM) that may have signed; with them unsigned manifests are refused.")
            @Default("[]")
            List<Path> publicKeyFiles) {
        public Signing {
            if (privateKeyFile == null && publicKeyFiles.isEmpty()) {
                throw new IllegalArgumentException(
                        "neither privateKeyFile nor publicKeyFiles is given; name one of them");
            }
        }
    }

    /** Which items need no job. */
    public record Coverage(
            @Doc("One rule per item.") @Default("[]") List<Exclusion> exclude) {
        /** One rule. */
        public record Exclusion(
                @Doc("Name of one of 'sources'.") String source,
                @Doc("Id of the item.") String item,
                @Doc("Why it needs no job.") @Nullable String reason,
                @Doc("The job that covers it.") @Nullable String coveredBy,

                @Doc("The last day of the rule, yyyy-MM-dd.") @Nullable
                String until) {}
    }
}
