package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.spi.SourceProvider;

/** The source of a job: one of {@code sources}, or one defined in place. */
public sealed interface SourceRef {
    /** One of {@code sources}. */
    record Named(String name) implements SourceRef {}

    /** Defined in place. */
    record Inline(ConfiguredProvider<SourceProvider<?>> source) implements SourceRef {}
}
