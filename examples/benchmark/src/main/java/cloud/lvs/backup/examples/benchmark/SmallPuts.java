package cloud.lvs.backup.examples.benchmark;

import static cloud.lvs.backup.examples.benchmark.Figures.format;
import static cloud.lvs.backup.examples.benchmark.Figures.mebibytes;
import static cloud.lvs.backup.examples.benchmark.Figures.median;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One small object as a whole process: what starting the SDK with each of its HTTP clients takes. */
final class SmallPuts implements Part {
    private static final int ROUNDS = 5;

    @Override
    public void measure(Bench bench) throws IOException, InterruptedException {
        Path place = bench.newDirectory("puts");
        Path small = UploadData.make(place.resolve("small"), 5);
        Distribution distribution = bench.distribution();
        try (NullServer server = NullServer.start(place)) {
            Map<String, Trial> trials = new LinkedHashMap<>();
            String certificate = server.certificate().toString();
            for (SmallPut.Client client : SmallPut.Client.values()) {
                trials.put(
                        "with `" + client.artifact() + "`",
                        distribution.trialOfOwn(SmallPut.class, place, client.name(), server.endpoint(), certificate));
            }
            trials.put(
                    "by the sink, confirmed",
                    distribution
                            .trialOf(Upload.class, place, "bucket", "small", certificate)
                            .with(LargeUpload.credentials("bench-id", "bench-secret", server.endpoint()))
                            .reading(small));
            Map<String, List<Measured>> rounds = new LinkedHashMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                for (Map.Entry<String, Trial> each : trials.entrySet()) {
                    rounds.computeIfAbsent(each.getKey(), name -> new ArrayList<>())
                            .add(each.getValue().run().expect(0));
                }
            }
            rounds.forEach((name, measured) -> bench.table()
                    .note(
                            "one small put " + name + ", median of " + ROUNDS,
                            format(
                                    "%.2f s of processor time, %.2f s, %s",
                                    median(measured.stream()
                                            .map(Measured::cpuSeconds)
                                            .toList()),
                                    median(measured.stream()
                                            .map(Measured::seconds)
                                            .toList()),
                                    mebibytes(measured.stream()
                                            .mapToLong(Measured::peakBytes)
                                            .max()
                                            .orElse(0)))));
        }
        Trees.remove(place);
    }
}
