/** What shells and manuals take from the model of the commands: completion and manual pages. */
@NullMarked
package cloud.lvs.backup.runner.shell;

import org.jspecify.annotations.NullMarked;
