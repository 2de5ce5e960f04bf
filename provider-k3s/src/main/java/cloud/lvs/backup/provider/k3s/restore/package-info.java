/** Putting a backup where it is wanted: to a directory, in place, and back again. */
@NullMarked
package cloud.lvs.backup.provider.k3s.restore;

import org.jspecify.annotations.NullMarked;
