/** The sink for S3-compatible object stores. */
@NullMarked
package cloud.lvs.backup.sink.s3;

import org.jspecify.annotations.NullMarked;
