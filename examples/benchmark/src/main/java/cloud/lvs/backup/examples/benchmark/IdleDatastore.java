package cloud.lvs.backup.examples.benchmark;

import static cloud.lvs.backup.examples.benchmark.Figures.mebibytes;
import static cloud.lvs.backup.examples.benchmark.Figures.median;
import static cloud.lvs.backup.examples.benchmark.Figures.seconds;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A datastore at rest, against what the shell job does. */
final class IdleDatastore implements Part {
    private static final int ROUNDS = 3;

    @Override
    public void measure(Bench bench) throws IOException, InterruptedException, SQLException {
        Datastore datastore = Datastore.make(bench, "idle", bench.scale().of(217_000_000));
        Path place = datastore.place();
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            read(datastore.database());
            Trees.remove(datastore.backups());
            ours.add(bench.distribution().trial(place, "run").run().expect(0).seconds());
            read(datastore.database());
            theirs.add(Trial.of(
                            place,
                            "sh",
                            "-c",
                            "rm -f copy copy.gz; sqlite3 \"$0\" '.backup copy' && gzip -9 < copy > copy.gz",
                            datastore.database().toString())
                    .run()
                    .expect(0)
                    .seconds());
        }
        String idle = datastore.label() + " idle: ";
        double ratio = median(ours) / median(theirs);
        Table table = bench.table();
        table.note(idle + "`sqlite3 .backup` + `gzip -9`, median of " + ROUNDS, seconds(median(theirs)));
        table.add(
                idle + "`run` end to end, median of " + ROUNDS,
                seconds(median(ours)) + ", " + Figures.ratio(ratio),
                "ratio ≤ 0.25",
                ratio <= 0.25);
        long oursBytes = Trees.payloadBytes(datastore.backups());
        long theirsBytes = Files.size(place.resolve("copy.gz"));
        table.add(
                idle + "stored",
                mebibytes(oursBytes) + " against " + mebibytes(theirsBytes),
                "no larger",
                oursBytes <= theirsBytes);
        datastore.remove();
    }

    /** So that both find the file in memory. */
    private static void read(Path file) throws IOException {
        Files.copy(file, OutputStream.nullOutputStream());
    }
}
