/** What the engine tells while it works. */
@NullMarked
package cloud.lvs.backup.core.event;

import org.jspecify.annotations.NullMarked;
