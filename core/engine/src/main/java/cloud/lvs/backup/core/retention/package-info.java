/** The built-in retention policies. */
@NullMarked
package cloud.lvs.backup.core.retention;

import org.jspecify.annotations.NullMarked;
