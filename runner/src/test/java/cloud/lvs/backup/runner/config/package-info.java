@NullMarked
package cloud.lvs.backup.runner.config;

import org.jspecify.annotations.NullMarked;
