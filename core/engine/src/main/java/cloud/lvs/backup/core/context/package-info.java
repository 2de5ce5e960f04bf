/** What every piece of work is given. */
@NullMarked
package cloud.lvs.backup.core.context;

import org.jspecify.annotations.NullMarked;
