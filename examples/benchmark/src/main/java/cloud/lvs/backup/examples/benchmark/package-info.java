/** Speed and memory, measured against what this project replaces. */
@NullMarked
package cloud.lvs.backup.examples.benchmark;

import org.jspecify.annotations.NullMarked;
