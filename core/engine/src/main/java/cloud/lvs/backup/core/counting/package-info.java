/** Which backups there are, which of them count, and what they hold. */
@NullMarked
package cloud.lvs.backup.core.counting;

import org.jspecify.annotations.NullMarked;
