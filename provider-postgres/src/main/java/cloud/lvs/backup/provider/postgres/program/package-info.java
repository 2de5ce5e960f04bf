/**
 * Finds PostgreSQL's programs on this machine, runs them, and reads what they say.
 *
 * <p>Not API: that is the package above alone.
 */
@NullMarked
package cloud.lvs.backup.provider.postgres.program;

import org.jspecify.annotations.NullMarked;
