/**
 * The k3s SQLite datastore and its server token: backed up from a live server, proved to fit together, and restored.
 *
 * <p>Formats come from k3s and kine (table {@code kine}, the {@code /bootstrap/} row, the secure token form) and from
 * SQLite (WAL mode, its locks and its backup API).
 */
@NullMarked
package cloud.lvs.backup.provider.k3s;

import org.jspecify.annotations.NullMarked;
