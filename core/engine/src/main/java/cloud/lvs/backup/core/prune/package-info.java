/** What goes: retention, deletion, and the remains of dead runs (rules 5 to 7 of the protocol). */
@NullMarked
package cloud.lvs.backup.core.prune;

import org.jspecify.annotations.NullMarked;
