package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.spi.Sink;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;

class S3SinkContractTest extends SinkContract {
    private final List<S3Sink> sinks = new ArrayList<>();
    private String bucket = "";

    @Override
    protected Sink newSink() {
        bucket = ProxyStore.newBucket();
        return openAgain();
    }

    @Override
    protected Sink openAgain() {
        S3Sink sink = ProxyStore.sink(
                ProxyStore.config(bucket).prefix("it's/a prefix").build());
        sinks.add(sink);
        return sink;
    }

    @Override
    protected int unfinishedWrites() {
        return ProxyStore.uploads(bucket);
    }

    /** The command line client of AWS is not part of the build. */
    @Override
    protected boolean shellReachesTheStore() {
        return false;
    }

    @Override
    protected Set<String> configuredSecrets() {
        return Set.of(ProxyStore.SECRET);
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
