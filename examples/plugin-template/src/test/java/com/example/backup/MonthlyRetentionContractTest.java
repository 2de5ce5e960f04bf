package com.example.backup;

import cloud.lvs.backup.contract.RetentionPolicyContract;
import cloud.lvs.backup.spi.RetentionPolicy;

class MonthlyRetentionContractTest extends RetentionPolicyContract {
    @Override
    protected RetentionPolicy newPolicy() {
        return new MonthlyRetentionProvider().create(new MonthlyRetentionProvider.Config(12));
    }
}
