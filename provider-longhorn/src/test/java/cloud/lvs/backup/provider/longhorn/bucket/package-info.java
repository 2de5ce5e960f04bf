@NullMarked
package cloud.lvs.backup.provider.longhorn.bucket;

import org.jspecify.annotations.NullMarked;
