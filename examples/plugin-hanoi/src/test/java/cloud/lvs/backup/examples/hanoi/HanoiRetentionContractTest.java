package cloud.lvs.backup.examples.hanoi;

import cloud.lvs.backup.contract.RetentionPolicyContract;
import cloud.lvs.backup.spi.RetentionPolicy;

class HanoiRetentionContractTest extends RetentionPolicyContract {
    @Override
    protected RetentionPolicy newPolicy() {
        return new HanoiRetention(8);
    }
}
