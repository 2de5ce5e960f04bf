/** A backup from Java code, without the runner. */
@NullMarked
package cloud.lvs.backup.examples.embedding;

import org.jspecify.annotations.NullMarked;
