/** What Prometheus is told. */
@NullMarked
package cloud.lvs.backup.runner.metrics;

import org.jspecify.annotations.NullMarked;
