package cloud.lvs.backup.examples.acceptance;

import org.junit.jupiter.api.BeforeAll;

/** On s3proxy, in every build. */
final class S3ProxyPlatformTest extends PlatformEndToEnd {
    private static ObjectStore store;

    @BeforeAll
    static void start() throws Exception {
        store = ObjectStore.inProcess();
    }

    @Override
    ObjectStore store() {
        return store;
    }
}
