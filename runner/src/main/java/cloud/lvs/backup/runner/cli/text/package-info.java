/** Drills as documents for people. */
@NullMarked
package cloud.lvs.backup.runner.cli.text;

import org.jspecify.annotations.NullMarked;
