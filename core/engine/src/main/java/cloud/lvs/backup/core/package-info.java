/** The embedding API: the engine. Jobs are in {@code job}, answers in {@code report}. Plain constructors, no container needed. */
@NullMarked
package cloud.lvs.backup.core;

import org.jspecify.annotations.NullMarked;
