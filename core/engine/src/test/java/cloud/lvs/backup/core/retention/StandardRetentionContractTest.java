package cloud.lvs.backup.core.retention;

import cloud.lvs.backup.contract.RetentionPolicyContract;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.time.Duration;
import org.junit.jupiter.api.Nested;

class StandardRetentionContractTest {
    @Nested
    class WithoutARule extends RetentionPolicyContract {
        @Override
        protected RetentionPolicy newPolicy() {
            return new StandardRetention(StandardRetentionConfig.keepEverything());
        }
    }

    @Nested
    class ByAgeAlone extends RetentionPolicyContract {
        @Override
        protected RetentionPolicy newPolicy() {
            return new StandardRetention(
                    StandardRetentionConfig.keepEverything().withKeepWithin(Duration.ofDays(7)));
        }
    }

    @Nested
    class ByAllRules extends RetentionPolicyContract {
        @Override
        protected RetentionPolicy newPolicy() {
            return new StandardRetention(
                    new StandardRetentionConfig(3, Duration.ofHours(30), 5, 7, 4, 6, 2, "Europe/Berlin", 2));
        }
    }
}
