/** A real Ceph object gateway for tests; in the test-jar for other modules. Needs the JDK and JUnit only. */
@NullMarked
package cloud.lvs.backup.sink.s3.rgw;

import org.jspecify.annotations.NullMarked;
