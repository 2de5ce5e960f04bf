/** Longhorn's mutating and validating webhooks, version by version. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.controller.admission;

import org.jspecify.annotations.NullMarked;
