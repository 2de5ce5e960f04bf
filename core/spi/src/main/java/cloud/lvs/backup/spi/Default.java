package cloud.lvs.backup.spi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The value of a configuration component that is not given, written as it would be in YAML. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
    /** As in YAML: {@code 3}, {@code true}, {@code 256MiB}, {@code []}, {@code {}}. */
    String value();
}
