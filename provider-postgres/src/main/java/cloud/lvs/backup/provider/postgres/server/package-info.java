/**
 * Who and what a PostgreSQL server is: connections over JDBC, its version, our role, its databases.
 *
 * <p>Not API: that is the package above alone.
 */
@NullMarked
package cloud.lvs.backup.provider.postgres.server;

import org.jspecify.annotations.NullMarked;
