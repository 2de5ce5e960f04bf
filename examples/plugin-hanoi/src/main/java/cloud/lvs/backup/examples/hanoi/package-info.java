/** A third-party retention policy in a jar of its own. */
@NullMarked
package cloud.lvs.backup.examples.hanoi;

import org.jspecify.annotations.NullMarked;
