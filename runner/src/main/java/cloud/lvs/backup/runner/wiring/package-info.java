/** Puts the configured parts together; the only place where Guice is used. */
@NullMarked
package cloud.lvs.backup.runner.wiring;

import org.jspecify.annotations.NullMarked;
