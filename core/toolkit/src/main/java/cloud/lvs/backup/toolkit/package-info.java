/**
 * What sources and sinks have in common: copying with progress, stems of keys, items of a manifest, staged and temporary files,
 * child processes, dumps that must end as they should. Knows the SPI alone; a plugin bundles it.
 */
@NullMarked
package cloud.lvs.backup.toolkit;

import org.jspecify.annotations.NullMarked;
