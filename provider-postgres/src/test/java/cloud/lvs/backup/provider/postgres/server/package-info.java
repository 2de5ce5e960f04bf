@NullMarked
package cloud.lvs.backup.provider.postgres.server;

import org.jspecify.annotations.NullMarked;
