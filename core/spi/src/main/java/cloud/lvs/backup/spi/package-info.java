/**
 * What a source, a sink or a retention policy implements, and the values they exchange with the engine.
 *
 * <p>This package needs nothing but the JDK and JSpecify. Providers are public classes with a public no-argument
 * constructor, named in {@code META-INF/services}. Interfaces in here grow by {@code default} methods only.
 */
@NullMarked
package cloud.lvs.backup.spi;

import org.jspecify.annotations.NullMarked;
