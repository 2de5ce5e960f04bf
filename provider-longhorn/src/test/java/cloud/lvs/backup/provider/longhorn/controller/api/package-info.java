/** A Kubernetes API server as far as a client of Longhorn notices it: paths, patches, dry runs, watches, refusals. */
@NullMarked
package cloud.lvs.backup.provider.longhorn.controller.api;

import org.jspecify.annotations.NullMarked;
