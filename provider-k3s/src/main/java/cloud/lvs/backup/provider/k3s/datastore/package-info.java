/** The data directory of a k3s server and its SQLite datastore. */
@NullMarked
package cloud.lvs.backup.provider.k3s.datastore;

import org.jspecify.annotations.NullMarked;
