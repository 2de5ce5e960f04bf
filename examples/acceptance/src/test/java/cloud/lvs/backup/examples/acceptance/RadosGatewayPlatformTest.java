package cloud.lvs.backup.examples.acceptance;

import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import org.junit.jupiter.api.BeforeAll;

/** On a Ceph object gateway over https. */
@NeedsRadosGateway
final class RadosGatewayPlatformTest extends PlatformEndToEnd {
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
