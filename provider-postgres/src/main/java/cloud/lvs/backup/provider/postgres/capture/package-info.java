/**
 * Captures a cluster: looks at it beforehand, and dumps each database at one snapshot.
 *
 * <p>Not API: that is the package above alone.
 */
@NullMarked
package cloud.lvs.backup.provider.postgres.capture;

import org.jspecify.annotations.NullMarked;
