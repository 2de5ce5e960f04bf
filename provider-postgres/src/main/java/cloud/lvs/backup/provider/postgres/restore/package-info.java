/**
 * Restores databases and roles to a server, rehearses that, and takes a restore back.
 *
 * <p>Not API: that is the package above alone.
 */
@NullMarked
package cloud.lvs.backup.provider.postgres.restore;

import org.jspecify.annotations.NullMarked;
