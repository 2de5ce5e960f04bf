/** Longhorn's controllers, and those of Kubernetes that a restore needs, in simulated time. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.controller.loop;

import org.jspecify.annotations.NullMarked;
