package cloud.lvs.backup.core.job;

import cloud.lvs.backup.spi.RetentionPolicy;

/**
 * A second place for the backups of a job.
 *
 * @param sink where the copies go
 * @param retention decides over the copies there, by itself
 */
public record CopyTarget(NamedSink sink, RetentionPolicy retention) {
    /** A place where every copy is kept. */
    public CopyTarget(NamedSink sink) {
        this(sink, KeepAll.INSTANCE);
    }
}
