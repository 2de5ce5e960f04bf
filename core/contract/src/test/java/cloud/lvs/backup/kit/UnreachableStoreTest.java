package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Sink;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UnreachableStoreTest {
    private static final AtomicInteger OPENED = new AtomicInteger();

    static class Unreachable extends SinkContract {
        @Override
        protected Sink newSink() throws BackupException {
            OPENED.incrementAndGet();
            throw new BackupException(Kind.SINK, "sink nowhere", "does not answer", "start it");
        }

        @Override
        protected Sink openAgain() {
            return new InMemorySink(TestTime.machine());
        }

        @Override
        protected int unfinishedWrites() {
            return 0;
        }
    }

    @Test
    void oneTestFailsWithTheReasonAndTheOthersAreSkipped() {
        JUnitRun run = JUnitRun.of(Unreachable.class);

        assertThat(run.failed()).containsOnlyKeys("reachesTheStore()");
        assertThat(run.failed().get("reachesTheStore()"))
                .hasMessage("the store cannot be reached: sink nowhere: does not answer");
        assertThat(run.aborted().size()).isGreaterThan(60);
        assertThat(run.aborted().values())
                .allSatisfy(skipped ->
                        assertThat(skipped).hasMessage("the store cannot be reached; the first test says why"));
        assertThat(OPENED).hasValue(1);
    }
}
