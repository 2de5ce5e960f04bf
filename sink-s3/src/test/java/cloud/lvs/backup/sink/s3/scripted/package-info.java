/** A scripted S3 server for tests; in the test-jar for other modules. Needs the JDK and the sink's configuration only. */
@NullMarked
package cloud.lvs.backup.sink.s3.scripted;

import org.jspecify.annotations.NullMarked;
