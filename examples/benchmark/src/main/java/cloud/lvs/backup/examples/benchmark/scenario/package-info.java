/** What is measured, a class each. */
@NullMarked
package cloud.lvs.backup.examples.benchmark.scenario;

import org.jspecify.annotations.NullMarked;
