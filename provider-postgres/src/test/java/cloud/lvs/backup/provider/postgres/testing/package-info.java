/** Real PostgreSQL servers for tests, what to put into them, and a way to tell whether two of them hold the same. */
@NullMarked
package cloud.lvs.backup.provider.postgres.testing;

import org.jspecify.annotations.NullMarked;
