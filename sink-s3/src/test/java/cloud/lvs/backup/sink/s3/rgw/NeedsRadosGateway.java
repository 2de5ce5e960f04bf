package cloud.lvs.backup.sink.s3.rgw;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Tests that talk to the {@link RadosGateway}: they run in {@code ./build it}, as root. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@EnabledIfSystemProperty(
        named = "lvs.test.extent",
        matches = "full",
        disabledReason = "starts a Ceph object gateway; run by ./build it")
@EnabledIf(
        value = "cloud.lvs.backup.sink.s3.rgw.RadosGateway#isRoot",
        disabledReason = "only root may install and start a Ceph object gateway")
public @interface NeedsRadosGateway {}
