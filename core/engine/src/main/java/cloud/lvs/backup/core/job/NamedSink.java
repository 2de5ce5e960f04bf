package cloud.lvs.backup.core.job;

import cloud.lvs.backup.core.shield.ShieldedSink;
import cloud.lvs.backup.spi.Sink;

/**
 * A sink under the name the configuration gives it.
 *
 * @param name e.g. {@code local}; recorded as the origin of copies
 * @param sink stays open as long as the jobs that use it; the accessor answers with one that deletes, aborts and closes with a
 *     pending interrupt held back
 */
public record NamedSink(String name, Sink sink) {
    public NamedSink {
        sink = ShieldedSink.over(sink);
    }
}
