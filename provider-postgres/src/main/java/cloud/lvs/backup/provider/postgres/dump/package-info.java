/**
 * The stored form of a cluster, and what proves that a dump is whole.
 *
 * <p>Not API: that is the package above alone.
 */
@NullMarked
package cloud.lvs.backup.provider.postgres.dump;

import org.jspecify.annotations.NullMarked;
