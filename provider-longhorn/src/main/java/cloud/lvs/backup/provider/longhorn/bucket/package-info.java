/**
 * What Longhorn keeps in a backup target, read without a cluster: volumes, backups and blocks, their verification and the image
 * of a volume. Nothing here writes to the target.
 */
@NullMarked
package cloud.lvs.backup.provider.longhorn.bucket;

import org.jspecify.annotations.NullMarked;
