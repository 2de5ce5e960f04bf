/** Files, mounts, directories and disk space as the system has them. */
@NullMarked
package cloud.lvs.backup.provider.k3s.files;

import org.jspecify.annotations.NullMarked;
