/** Running commands, measuring them, and writing the results. */
@NullMarked
package cloud.lvs.backup.examples.benchmark.measure;

import org.jspecify.annotations.NullMarked;
