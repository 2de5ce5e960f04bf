package cloud.lvs.backup.examples.benchmark;

import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.RealisticKine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/**
 * A realistic datastore of k3s in a directory of its own, with a configuration that backs it up there.
 *
 * @param place the directory
 * @param label its size, as rows of the table begin
 */
record Datastore(Path place, String label) {
    static Datastore make(Bench bench, String name, long bytes) throws IOException, SQLException {
        Path place = bench.newDirectory(name);
        RealisticKine.Summary made = RealisticKine.fill(place.resolve("k3s"), bytes, 42);
        Bench.say("made a datastore of %,d bytes at revision %,d", made.databaseBytes(), made.maxId());
        Datastore datastore = new Datastore(place, Figures.megabytes(bytes));
        datastore.configure("retention: {keepLast: 10}");
        return datastore;
    }

    /** Configures the one job anew. */
    void configure(String settings) throws IOException {
        Files.writeString(place.resolve("lvs.yaml"), """
                version: 1
                sources: {node: {type: k3s, dataDir: k3s}}
                sinks: {disk: {type: directory, path: backups}}
                jobs:
                  k3s:
                    source: node
                    sink: disk
                    %s
                """.formatted(settings));
    }

    Path dataDir() {
        return place.resolve("k3s");
    }

    Path database() {
        return KineDatabase.file(dataDir());
    }

    Path backups() {
        return place.resolve("backups");
    }

    void remove() throws IOException {
        Trees.remove(place);
    }
}
