/** A configuration as it was written: nodes with their places, variables filled in, mistakes collected. */
@NullMarked
package cloud.lvs.backup.runner.config.yaml;

import org.jspecify.annotations.NullMarked;
