/** The embedding API: the engine, jobs, reports and events. Plain constructors, no container needed. */
@NullMarked
package cloud.lvs.backup.core;

import org.jspecify.annotations.NullMarked;
