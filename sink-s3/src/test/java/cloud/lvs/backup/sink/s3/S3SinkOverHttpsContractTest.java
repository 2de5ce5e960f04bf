package cloud.lvs.backup.sink.s3;

import java.net.URI;

class S3SinkOverHttpsContractTest extends RadosGatewaySinkContract {
    @Override
    URI endpoint() {
        return RadosStore.GATEWAY.https();
    }
}
