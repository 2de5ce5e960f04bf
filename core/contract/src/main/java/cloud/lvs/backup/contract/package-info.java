/**
 * What every source, sink and retention policy promises, as tests a provider's author extends, with the in-memory
 * companions and the fault-injecting decorators they need. Shipped as the test-jar of core; needs JUnit 5 and AssertJ.
 */
@NullMarked
package cloud.lvs.backup.contract;

import org.jspecify.annotations.NullMarked;
