@NullMarked
package cloud.lvs.backup.toolkit;

import org.jspecify.annotations.NullMarked;
