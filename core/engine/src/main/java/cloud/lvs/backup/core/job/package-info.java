/** What a job is: a source by name, its pipeline, sinks, retention and expectations. */
@NullMarked
package cloud.lvs.backup.core.job;

import org.jspecify.annotations.NullMarked;
