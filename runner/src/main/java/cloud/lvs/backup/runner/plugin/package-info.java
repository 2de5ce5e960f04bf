/** Finds providers: those on the class path, and plugins with a class loader of their own. */
@NullMarked
package cloud.lvs.backup.runner.plugin;

import org.jspecify.annotations.NullMarked;
