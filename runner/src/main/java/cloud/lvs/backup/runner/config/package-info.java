/** The configuration: one YAML file, read with every mistake told at its place, bound to records. */
@NullMarked
package cloud.lvs.backup.runner.config;

import org.jspecify.annotations.NullMarked;
