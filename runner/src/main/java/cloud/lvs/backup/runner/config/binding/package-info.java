/** Configured values as Java values: what types there are, their defaults and limits, and how records are made of them. */
@NullMarked
package cloud.lvs.backup.runner.config.binding;

import org.jspecify.annotations.NullMarked;
