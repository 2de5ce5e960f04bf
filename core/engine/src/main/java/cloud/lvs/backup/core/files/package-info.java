/** Temporary files and directories, and failures of files in words. */
@NullMarked
package cloud.lvs.backup.core.files;

import org.jspecify.annotations.NullMarked;
