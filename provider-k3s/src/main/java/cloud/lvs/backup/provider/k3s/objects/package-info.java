/** Single Kubernetes objects out of a datastore: finding them, and writing them as manifests. */
@NullMarked
package cloud.lvs.backup.provider.k3s.objects;

import org.jspecify.annotations.NullMarked;
