/** The runner: configuration, wiring, command line, output and exit code; no backup logic. */
@NullMarked
package cloud.lvs.backup.runner;

import org.jspecify.annotations.NullMarked;
