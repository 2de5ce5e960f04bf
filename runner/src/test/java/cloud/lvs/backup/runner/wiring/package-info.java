@NullMarked
package cloud.lvs.backup.runner.wiring;

import org.jspecify.annotations.NullMarked;
