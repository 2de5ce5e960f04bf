@NullMarked
package cloud.lvs.backup.runner.output;

import org.jspecify.annotations.NullMarked;
