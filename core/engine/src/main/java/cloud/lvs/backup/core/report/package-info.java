/** What the engine answers. */
@NullMarked
package cloud.lvs.backup.core.report;

import org.jspecify.annotations.NullMarked;
