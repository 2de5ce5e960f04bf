package cloud.lvs.backup.examples.benchmark;

import java.util.List;
import java.util.concurrent.TimeUnit;

/** Looks how many sessions of a server copy rows at the same time. */
final class BackendWatch implements AutoCloseable {
    private static final String COPYING =
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY %'";

    private final BenchCluster cluster;
    private final Thread thread = new Thread(this::watch);
    private volatile boolean ended;
    private volatile int most;

    BackendWatch(BenchCluster cluster) {
        this.cluster = cluster;
        thread.start();
    }

    private void watch() {
        while (!ended) {
            List<String> count = cluster.query(COPYING);
            most = Math.max(most, Integer.parseInt(count.get(0)));
            try {
                TimeUnit.MILLISECONDS.sleep(100);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** The largest number seen. */
    int most() {
        return most;
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
