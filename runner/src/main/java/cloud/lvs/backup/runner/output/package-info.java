/** What people and programs read: documents, tables, lines, progress and logs, with secrets masked. */
@NullMarked
package cloud.lvs.backup.runner.output;

import org.jspecify.annotations.NullMarked;
