/** Proves stored backups: verification and rehearsed restores. */
@NullMarked
package cloud.lvs.backup.core.read;

import org.jspecify.annotations.NullMarked;
