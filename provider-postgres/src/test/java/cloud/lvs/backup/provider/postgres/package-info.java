/** Tests of the PostgreSQL provider. */
@NullMarked
package cloud.lvs.backup.provider.postgres;

import org.jspecify.annotations.NullMarked;
