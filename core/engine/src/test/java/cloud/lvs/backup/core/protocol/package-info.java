/**
 * The protocol of the journal under every order of events: interleavings, crashes, interrupts and faults. What must hold
 * afterwards is in {@link cloud.lvs.backup.core.protocol.TenRules}.
 */
@NullMarked
package cloud.lvs.backup.core.protocol;

import org.jspecify.annotations.NullMarked;
