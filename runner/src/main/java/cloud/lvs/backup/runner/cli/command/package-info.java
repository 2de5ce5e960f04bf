/** The commands, a class each. */
@NullMarked
package cloud.lvs.backup.runner.cli.command;

import org.jspecify.annotations.NullMarked;
