/** A k3s datastore backed up under load, verified, restored and compared. */
@NullMarked
package cloud.lvs.backup.examples.quickstart;

import org.jspecify.annotations.NullMarked;
