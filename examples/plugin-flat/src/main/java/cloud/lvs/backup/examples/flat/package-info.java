/** A third-party sink in a jar of its own. */
@NullMarked
package cloud.lvs.backup.examples.flat;

import org.jspecify.annotations.NullMarked;
