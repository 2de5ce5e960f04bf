package cloud.lvs.backup.examples.acceptance;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Tests with a real kine and a real kube-apiserver: they run in {@code ./build it}, where these can be built. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
        named = "lvs.test.extent",
        matches = "full",
        disabledReason = "starts kine and kube-apiserver; run by ./build it")
@EnabledIf(
        value = "cloud.lvs.backup.examples.acceptance.KubePeers#canBeHad",
        disabledReason = "kine and kube-apiserver are not there and can only be built with Go 1.26.5 or later")
@interface NeedsKubePeers {}
