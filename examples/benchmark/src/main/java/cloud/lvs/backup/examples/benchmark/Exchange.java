package cloud.lvs.backup.examples.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What went on at both ends of the connections to a PostgreSQL server.
 *
 * @param client the command
 * @param server processor time of its sessions
 */
record Exchange(Measured client, Duration server) {
    static Exchange of(BenchCluster cluster, Trial trial) throws IOException, InterruptedException {
        Duration before = cluster.sessionsCpu();
        Measured client = trial.run().expect(0);
        return new Exchange(client, cluster.sessionsCpu().minus(before));
    }

    static double mean(List<Exchange> rounds) {
        return Figures.sum(rounds.stream().map(Exchange::seconds).toList()) / rounds.size();
    }

    static long peak(List<Exchange> rounds) {
        return rounds.stream().mapToLong(each -> each.client.peakBytes()).max().orElse(0);
    }

    double seconds() {
        return client.seconds();
    }

    /** Where the processor time of a run went. */
    String shares() {
        return Figures.format(
                "server %.1f s, PostgreSQL's programs %.1f s, JVM %.1f s",
                Figures.seconds(server),
                Figures.seconds(client.cpu().minus(client.ownCpu())),
                Figures.seconds(client.ownCpu()));
    }
}
