/** What {@code doctor} finds out about a store. */
@NullMarked
package cloud.lvs.backup.sink.s3.diagnosis;

import org.jspecify.annotations.NullMarked;
