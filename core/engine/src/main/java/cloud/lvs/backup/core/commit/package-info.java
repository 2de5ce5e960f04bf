/** How backups come into being: runs, copies, adoptions (rules 1 to 4 and 8). */
@NullMarked
package cloud.lvs.backup.core.commit;

import org.jspecify.annotations.NullMarked;
