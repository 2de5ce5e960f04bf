package cloud.lvs.backup.core.job;

import cloud.lvs.backup.spi.Sink;

/**
 * A sink under the name the configuration gives it.
 *
 * @param name e.g. {@code local}; recorded as the origin of copies
 * @param sink stays open as long as the jobs that use it
 */
public record NamedSink(String name, Sink sink) {}
