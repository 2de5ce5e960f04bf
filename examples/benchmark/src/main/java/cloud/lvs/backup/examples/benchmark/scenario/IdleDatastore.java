package cloud.lvs.backup.examples.benchmark.scenario;

import static cloud.lvs.backup.examples.benchmark.measure.Numbers.mebibytes;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.median;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.seconds;

import cloud.lvs.backup.examples.benchmark.fixture.SampleDatastore;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.DirectoryTrees;
import cloud.lvs.backup.examples.benchmark.measure.MeasuredCommand;
import cloud.lvs.backup.examples.benchmark.measure.Numbers;
import cloud.lvs.backup.examples.benchmark.measure.ResultTable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A datastore at rest, against what the shell job does. */
public final class IdleDatastore implements Scenario {
    private static final int ROUNDS = 3;

    @Override
    public void measure(BenchmarkContext context) throws IOException, InterruptedException, SQLException {
        SampleDatastore datastore =
                SampleDatastore.make(context, "idle", context.scale().of(217_000_000));
        Path place = datastore.place();
        List<Double> ours = new ArrayList<>();
        List<Double> theirs = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            read(datastore.database());
            DirectoryTrees.remove(datastore.backups());
            ours.add(context.distribution()
                    .measured(place, "run")
                    .run()
                    .expect(0)
                    .seconds());
            read(datastore.database());
            theirs.add(MeasuredCommand.of(
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
        ResultTable table = context.table();
        table.note(idle + "`sqlite3 .backup` + `gzip -9`, median of " + ROUNDS, seconds(median(theirs)));
        table.add(
                idle + "`run` end to end, median of " + ROUNDS,
                seconds(median(ours)) + ", " + Numbers.ratio(ratio),
                "ratio ≤ 0.25",
                ratio <= 0.25);
        long oursBytes = DirectoryTrees.payloadBytes(datastore.backups());
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
