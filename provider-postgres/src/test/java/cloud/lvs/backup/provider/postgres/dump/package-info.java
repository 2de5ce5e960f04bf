@NullMarked
package cloud.lvs.backup.provider.postgres.dump;

import org.jspecify.annotations.NullMarked;
