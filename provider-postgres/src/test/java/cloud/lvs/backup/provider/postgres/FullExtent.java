package cloud.lvs.backup.provider.postgres;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Runs the test only where everything is tested: {@code ./build it}. */
@EnabledIfSystemProperty(named = "lvs.test.extent", matches = "full", disabledReason = "part of ./build it")
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@interface FullExtent {}
