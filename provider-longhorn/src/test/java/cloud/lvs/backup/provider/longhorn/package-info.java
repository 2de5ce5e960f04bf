@NullMarked
package cloud.lvs.backup.provider.longhorn;

import org.jspecify.annotations.NullMarked;
