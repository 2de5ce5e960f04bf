/** The directory sink: the embedded default. */
@NullMarked
package cloud.lvs.backup.core.directory;

import org.jspecify.annotations.NullMarked;
