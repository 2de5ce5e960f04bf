/** Small providers to run the runner with. */
@NullMarked
package cloud.lvs.backup.runner.testing;

import org.jspecify.annotations.NullMarked;
