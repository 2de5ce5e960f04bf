@NullMarked
package cloud.lvs.backup.provider.postgres.restore;

import org.jspecify.annotations.NullMarked;
