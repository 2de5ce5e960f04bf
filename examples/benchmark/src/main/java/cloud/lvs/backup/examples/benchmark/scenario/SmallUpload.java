package cloud.lvs.backup.examples.benchmark.scenario;

import static cloud.lvs.backup.examples.benchmark.measure.Numbers.format;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.mebibytes;
import static cloud.lvs.backup.examples.benchmark.measure.Numbers.median;

import cloud.lvs.backup.examples.benchmark.fixture.NullServer;
import cloud.lvs.backup.examples.benchmark.fixture.RandomData;
import cloud.lvs.backup.examples.benchmark.fixture.SinglePut;
import cloud.lvs.backup.examples.benchmark.fixture.SinkUpload;
import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.DirectoryTrees;
import cloud.lvs.backup.examples.benchmark.measure.Distribution;
import cloud.lvs.backup.examples.benchmark.measure.MeasuredCommand;
import cloud.lvs.backup.examples.benchmark.measure.Measurement;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One small object as a whole process: what starting the SDK with each of its HTTP clients takes. */
public final class SmallUpload implements Scenario {
    private static final int ROUNDS = 5;

    @Override
    public void measure(BenchmarkContext context) throws IOException, InterruptedException {
        Path place = context.newDirectory("puts");
        Path small = RandomData.make(place.resolve("small"), 5);
        Distribution distribution = context.distribution();
        try (NullServer server = NullServer.start(place)) {
            Map<String, MeasuredCommand> commands = new LinkedHashMap<>();
            String certificate = server.certificate().toString();
            for (SinglePut.Client client : SinglePut.Client.values()) {
                commands.put(
                        "with `" + client.artifact() + "`",
                        distribution.commandOfOwn(
                                SinglePut.class, place, client.name(), server.endpoint(), certificate));
            }
            commands.put(
                    "by the sink, confirmed",
                    distribution
                            .commandOf(SinkUpload.class, place, "bucket", "small", certificate)
                            .with(LargeUpload.credentials("bench-id", "bench-secret", server.endpoint()))
                            .reading(small));
            Map<String, List<Measurement>> rounds = new LinkedHashMap<>();
            for (int round = 0; round < ROUNDS; round++) {
                for (Map.Entry<String, MeasuredCommand> each : commands.entrySet()) {
                    rounds.computeIfAbsent(each.getKey(), name -> new ArrayList<>())
                            .add(each.getValue().run().expect(0));
                }
            }
            rounds.forEach((name, measured) -> context.table()
                    .note(
                            "one small put " + name + ", median of " + ROUNDS,
                            format(
                                    "%.2f s of processor time, %.2f s, %s",
                                    median(measured.stream()
                                            .map(Measurement::cpuSeconds)
                                            .toList()),
                                    median(measured.stream()
                                            .map(Measurement::seconds)
                                            .toList()),
                                    mebibytes(measured.stream()
                                            .mapToLong(Measurement::peakBytes)
                                            .max()
                                            .orElse(0)))));
        }
        DirectoryTrees.remove(place);
    }
}
