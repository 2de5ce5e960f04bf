/** Every database, role and tablespace of a PostgreSQL cluster, streamed from {@code pg_dump}. */
@NullMarked
package cloud.lvs.backup.provider.postgres;

import org.jspecify.annotations.NullMarked;
