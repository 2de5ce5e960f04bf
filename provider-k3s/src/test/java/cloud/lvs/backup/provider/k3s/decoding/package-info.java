/** Tests of the k3s provider. */
@NullMarked
package cloud.lvs.backup.provider.k3s.decoding;

import org.jspecify.annotations.NullMarked;
