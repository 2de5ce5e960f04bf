/** Volumes made of backups by Longhorn: under a new name, for a rehearsal, and given back to their claims. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.restore;

import org.jspecify.annotations.NullMarked;
