/**
 * What happens to bytes between a source and a sink: compress, encrypt, digest; and the way back, checked. Everything stored
 * can be read by {@code age}, {@code zstd}, {@code gunzip}, {@code sha256sum} and {@code openssl} alone.
 */
@NullMarked
package cloud.lvs.backup.core.pipeline;

import org.jspecify.annotations.NullMarked;
