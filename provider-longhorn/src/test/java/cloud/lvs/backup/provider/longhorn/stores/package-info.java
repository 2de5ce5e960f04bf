/** Stores that Longhorn's own code wrote, for tests here and in other modules. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.stores;

import org.jspecify.annotations.NullMarked;
