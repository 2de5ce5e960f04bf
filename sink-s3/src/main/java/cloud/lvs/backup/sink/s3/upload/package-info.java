/** How objects get into a bucket: in one request or in parts, conditionally, locked, and compared with what was sent. */
@NullMarked
package cloud.lvs.backup.sink.s3.upload;

import org.jspecify.annotations.NullMarked;
