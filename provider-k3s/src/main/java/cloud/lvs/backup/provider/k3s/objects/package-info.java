/** Single Kubernetes objects out of a datastore: decoding what the API server stored, finding them, writing them as manifests. */
@NullMarked
package cloud.lvs.backup.provider.k3s.objects;

import org.jspecify.annotations.NullMarked;
