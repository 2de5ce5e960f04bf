@NullMarked
package cloud.lvs.backup.runner.cli.session;

import org.jspecify.annotations.NullMarked;
