/** Tests of the contract kit itself. */
@NullMarked
package cloud.lvs.backup.kit;

import org.jspecify.annotations.NullMarked;
