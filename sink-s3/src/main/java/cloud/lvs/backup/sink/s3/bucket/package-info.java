/** What lies in a bucket: requests to it, listings, versions, reading, deleting, how full it is. */
@NullMarked
package cloud.lvs.backup.sink.s3.bucket;

import org.jspecify.annotations.NullMarked;
