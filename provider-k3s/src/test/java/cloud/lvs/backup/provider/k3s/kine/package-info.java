/**
 * Databases as kine leaves them, and a writer that behaves like k3s: for tests, the quickstart and the benchmark.
 *
 * <p>The schema, the rows and the compaction follow k3s-io/kine ({@code pkg/drivers/sqlite}, {@code pkg/drivers/generic},
 * {@code pkg/logstructured}); the bootstrap row follows k3s-io/k3s ({@code pkg/cluster}).
 */
@NullMarked
package cloud.lvs.backup.provider.k3s.kine;

import org.jspecify.annotations.NullMarked;
