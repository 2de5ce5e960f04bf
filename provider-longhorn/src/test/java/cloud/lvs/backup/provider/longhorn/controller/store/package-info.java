/** What lies in a backup target, as the controllers of the scripted Longhorn read and write it. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.controller.store;

import org.jspecify.annotations.NullMarked;
