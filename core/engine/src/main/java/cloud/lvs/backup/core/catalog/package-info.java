/** The journal of a job: its objects, their names and their meaning. */
@NullMarked
package cloud.lvs.backup.core.catalog;

import org.jspecify.annotations.NullMarked;
