/** Backups by Longhorn itself: which volumes, whether they can be made, making them, and removing them again. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.backup;

import org.jspecify.annotations.NullMarked;
