/** What happens to bytes between a source and a sink: compress, encrypt, digest; and the way back. */
@NullMarked
package cloud.lvs.backup.core.pipeline;

import org.jspecify.annotations.NullMarked;
