package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.sink.s3.rgw.NeedsRadosGateway;
import cloud.lvs.backup.spi.Sink;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** The contract against Ceph; once over each protocol, since requests are signed in another way over each. */
@NeedsRadosGateway
abstract class RadosGatewaySinkContract extends SinkContract {
    private final List<S3Sink> sinks = new ArrayList<>();
    private String bucket = "";

    abstract URI endpoint();

    @Override
    protected Sink newSink() {
        bucket = RadosStore.newBucket();
        return openAgain();
    }

    @Override
    protected Sink openAgain() {
        S3Sink sink = RadosStore.sink(
                RadosStore.config(bucket, endpoint()).prefix("it's/a prefix").build());
        sinks.add(sink);
        return sink;
    }

    @Override
    protected int unfinishedWrites() {
        return RadosStore.uploads(bucket);
    }

    /** The command line client of AWS is not part of the build. */
    @Override
    protected boolean shellReachesTheStore() {
        return false;
    }

    @Override
    protected int manyObjects() {
        return 1_100;
    }

    @AfterEach
    void givesAllMemoryBack() {
        assertThat(sinks).allSatisfy(sink -> assertThat(sink.freeBlocks()).isEqualTo(3));
    }
}
