/** What a backup of a datastore holds, and what proves it whole. */
@NullMarked
package cloud.lvs.backup.provider.k3s.backup;

import org.jspecify.annotations.NullMarked;
