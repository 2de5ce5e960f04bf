package cloud.lvs.backup.examples.benchmark;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks how many sessions of a server copy rows at the same time. Through one session that it keeps: beginning one for every
 * look would take as much of the server as what is measured must not lose.
 */
final class BackendWatch implements AutoCloseable {
    private static final String COPYING =
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY %'";

    private final Connection connection;
    private final Thread thread = new Thread(this::watch);
    private volatile boolean ended;
    private int most;
    private @Nullable SQLException failure;

    BackendWatch(BenchCluster cluster) throws SQLException {
        connection = cluster.connect();
        thread.start();
    }

    private void watch() {
        try (PreparedStatement copying = connection.prepareStatement(COPYING)) {
            while (!ended) {
                try (ResultSet count = copying.executeQuery()) {
                    count.next();
                    most = Math.max(most, count.getInt(1));
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } catch (SQLException e) {
            failure = e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops looking; the largest number seen. */
    int most() throws InterruptedException, SQLException {
        ended = true;
        thread.join();
        if (failure != null) {
            throw failure;
        }
        return most;
    }

    @Override
    public void close() throws SQLException {
        ended = true;
        connection.close();
    }
}
