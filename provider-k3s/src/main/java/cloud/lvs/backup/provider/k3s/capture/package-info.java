/** Copying a datastore at one instant, and what is looked at before. */
@NullMarked
package cloud.lvs.backup.provider.k3s.capture;

import org.jspecify.annotations.NullMarked;
