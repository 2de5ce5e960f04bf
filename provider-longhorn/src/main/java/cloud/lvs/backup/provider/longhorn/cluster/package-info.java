/**
 * The API of a cluster and the Longhorn in it: the only place that knows Kubernetes. Objects of Longhorn are read into records
 * that hold what this provider needs of them; others stay JSON.
 */
@NullMarked
package cloud.lvs.backup.provider.longhorn.cluster;

import org.jspecify.annotations.NullMarked;
