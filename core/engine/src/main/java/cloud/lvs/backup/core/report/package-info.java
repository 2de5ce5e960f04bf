/** What the engine answers, and how it reads as text and as JSON. */
@NullMarked
package cloud.lvs.backup.core.report;

import org.jspecify.annotations.NullMarked;
