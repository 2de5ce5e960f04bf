package cloud.lvs.backup.examples.benchmark.scenario;

import static cloud.lvs.backup.examples.benchmark.measure.Numbers.format;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.mebibytes;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.seconds;

import cloud.lvs.backup.examples.benchmark.fixture.HistoryGenerator;
import cloud.lvs.backup.examples.benchmark.fixture.SampleDatastore;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.Distribution;
import cloud.lvs.backup.examples.benchmark.measure.Measurement;
import cloud.lvs.backup.examples.benchmark.measure.Numbers;
import cloud.lvs.backup.examples.benchmark.measure.ResultTable;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;

/** A job with many backups. */
public final class LongHistory implements Scenario {
    private static final int MANY = 100_000;
    /** For two pages of a tenth of them. */
    private static final int FEWEST = 2_000;

    @Override
    public void measure(BenchmarkContext context) throws IOException, InterruptedException, SQLException {
        SampleDatastore datastore = SampleDatastore.make(context, "many", 1_000_000);
        Path place = datastore.place();
        Distribution distribution = context.distribution();
        ResultTable table = context.table();
        distribution.measured(place, "run").run().expect(0);
        HistoryGenerator backups = new HistoryGenerator(datastore.backups(), "k3s");
        double tenth = 0;
        int many = Math.max(FEWEST, (int) context.scale().of(MANY));
        int dropped = many / 100;
        for (int count : new int[] {many / 10, many}) {
            backups.fillUpTo(count);
            datastore.configure("retention: {keepLast: " + (count - dropped) + "}");
            String of = format("%,d backups: ", count);
            Measurement page = distribution
                    .measured(place, "list", "--limit", "100", "-o", "json")
                    .run()
                    .expect(0);
            table.add(
                    of + "first page of `list`",
                    seconds(page.seconds()) + ", " + mebibytes(page.peakBytes()),
                    "≤ 256 MiB",
                    page.peakBytes() <= Numbers.MEMORY_LIMIT);
            String last = lastId(page.out());
            Measurement next = distribution
                    .measured(place, "list", "--limit", "100", "--after", last, "-o", "json")
                    .run()
                    .expect(0);
            table.add(
                    of + "the page behind it",
                    seconds(next.seconds()) + ", " + mebibytes(next.peakBytes()),
                    "100 others",
                    ids(next.out()).size() == 100 && !ids(next.out()).contains(last));
            Measurement prune =
                    distribution.measured(place, "prune", "--dry-run").run().expect(0);
            table.add(
                    of + format("`prune --dry-run` that would drop %,d", dropped),
                    seconds(prune.seconds()) + ", " + mebibytes(prune.peakBytes()),
                    "≤ 256 MiB",
                    prune.peakBytes() <= Numbers.MEMORY_LIMIT);
            if (count < many) {
                tenth = prune.seconds();
            } else {
                table.add(
                        "ten times the backups, `prune --dry-run`",
                        format("%.1f times as long", prune.seconds() / tenth),
                        "≤ 12 times",
                        prune.seconds() <= 12 * tenth);
            }
        }
        datastore.remove();
    }

    private static List<String> ids(String json) {
        return Pattern.compile("\"id\"\\s*:\\s*\"([^\"]+)\"")
                .matcher(json)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    private static String lastId(String json) throws IOException {
        List<String> ids = ids(json);
        if (ids.size() != 100) {
            throw new IOException("the first page has " + ids.size() + " backups");
        }
        return ids.get(99);
    }
}
