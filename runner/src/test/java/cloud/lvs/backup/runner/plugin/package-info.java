@NullMarked
package cloud.lvs.backup.runner.plugin;

import org.jspecify.annotations.NullMarked;
