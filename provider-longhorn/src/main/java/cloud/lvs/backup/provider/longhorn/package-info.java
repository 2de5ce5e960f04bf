/** Longhorn volumes, protected through Longhorn's own Snapshot and Backup resources. */
@NullMarked
package cloud.lvs.backup.provider.longhorn;

import org.jspecify.annotations.NullMarked;
