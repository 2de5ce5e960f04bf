@NullMarked
package cloud.lvs.backup.runner.cli;

import org.jspecify.annotations.NullMarked;
