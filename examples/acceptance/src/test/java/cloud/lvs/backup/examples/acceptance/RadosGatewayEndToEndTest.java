package cloud.lvs.backup.examples.acceptance;

import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import org.junit.jupiter.api.BeforeAll;

/** On a Ceph object gateway over https with a certificate authority of its own; its endpoint is named without a scheme. */
@NeedsRadosGateway
final class RadosGatewayEndToEndTest extends S3EndToEnd {
    private static ObjectStore store;

    @BeforeAll
    static void start() {
        store = ObjectStore.radosGateway();
    }

    @Override
    ObjectStore store() {
        return store;
    }
}
