/** Files, mounts and directories as the system has them, and why working with them failed. */
@NullMarked
package cloud.lvs.backup.provider.k3s.files;

import org.jspecify.annotations.NullMarked;
