/** Tries out jobs and sinks before anything depends on them. */
@NullMarked
package cloud.lvs.backup.core.diagnosis;

import org.jspecify.annotations.NullMarked;
