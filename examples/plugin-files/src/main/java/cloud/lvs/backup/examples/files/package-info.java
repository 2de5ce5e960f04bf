/** A third-party source in a jar of its own. */
@NullMarked
package cloud.lvs.backup.examples.files;

import org.jspecify.annotations.NullMarked;
