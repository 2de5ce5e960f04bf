@NullMarked
package cloud.lvs.backup.provider.postgres.program;

import org.jspecify.annotations.NullMarked;
