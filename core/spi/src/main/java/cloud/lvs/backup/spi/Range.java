package cloud.lvs.backup.spi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The least and the greatest value of a configuration component that is a number, a {@link ByteSize} or a
 * {@link java.time.Duration}, both included; of a {@code List} or {@code Map} each element's. Checked when the configuration
 * is read, together with everything else that is wrong, and part of its JSON Schema.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
    /** As in YAML: {@code 1}, {@code 5MiB}, {@code 1s}; empty for no limit. */
    String min() default "";

    /** As {@link #min}. */
    String max() default "";
}
