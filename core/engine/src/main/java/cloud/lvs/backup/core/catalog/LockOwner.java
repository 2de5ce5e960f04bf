package cloud.lvs.backup.core.catalog;

import org.jspecify.annotations.Nullable;

/**
 * Who wants a lock.
 *
 * @param name who to name to others, e.g. {@code node-1/4711}
 * @param token unique to this attempt
 * @param process the process it dies with; null if nobody is to look for it
 */
public record LockOwner(String name, String token, @Nullable HostProcess process) {}
