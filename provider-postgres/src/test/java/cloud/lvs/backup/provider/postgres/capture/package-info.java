@NullMarked
package cloud.lvs.backup.provider.postgres.capture;

import org.jspecify.annotations.NullMarked;
