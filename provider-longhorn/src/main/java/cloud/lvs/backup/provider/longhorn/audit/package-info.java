/** What Longhorn schedules by itself, and what of that is only a name. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.audit;

import org.jspecify.annotations.NullMarked;
