package cloud.lvs.backup.spi;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What the text of a configuration component looks like, blanks around it aside; of a {@code List} or {@code Map} each
 * element's. Checked when the configuration is read, together with everything else that is wrong, and part of its JSON Schema.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Matches {
    /** A regular expression for the whole text that means the same in Java and in ECMA-262 (no {@code \p}, no {@code (?i)}). */
    String value();

    /** What to write, for the operator; continues "expects …", e.g. {@code "3 to 63 letters and digits"}. */
    String expects();
}
