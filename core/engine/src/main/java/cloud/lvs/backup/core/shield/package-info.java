/**
 * Sources and sinks as the engine calls them: their clean-up is shielded from the interrupt that stops the work, and what they
 * give is looked at.
 */
@NullMarked
package cloud.lvs.backup.core.shield;

import org.jspecify.annotations.NullMarked;
