/** What the API server stores, as the JSON that it answers. */
@NullMarked
package cloud.lvs.backup.provider.k3s.decoding;

import org.jspecify.annotations.NullMarked;
