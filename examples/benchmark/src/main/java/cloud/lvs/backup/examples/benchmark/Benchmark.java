package cloud.lvs.backup.examples.benchmark;

import cloud.lvs.backup.examples.benchmark.measure.BenchmarkContext;
import cloud.lvs.backup.examples.benchmark.measure.Cleanup;
import cloud.lvs.backup.examples.benchmark.measure.DataScale;
import cloud.lvs.backup.examples.benchmark.measure.Distribution;
import cloud.lvs.backup.examples.benchmark.measure.ResultTable;
import cloud.lvs.backup.examples.benchmark.scenario.BusyDatastore;
import cloud.lvs.backup.examples.benchmark.scenario.IdleDatastore;
import cloud.lvs.backup.examples.benchmark.scenario.LargeUpload;
import cloud.lvs.backup.examples.benchmark.scenario.LongHistory;
import cloud.lvs.backup.examples.benchmark.scenario.MemoryBySize;
import cloud.lvs.backup.examples.benchmark.scenario.PostgresBackup;
import cloud.lvs.backup.examples.benchmark.scenario.Scenario;
import cloud.lvs.backup.examples.benchmark.scenario.SmallUpload;
import cloud.lvs.backup.examples.benchmark.scenario.StartUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Measures the distribution as a process, end to end, and prints a Markdown table. Ratios compare what ran in the same run of
 * this program. Ends with 1 if a limit was not kept.
 */
public final class Benchmark {
    private Benchmark() {}

    /** Arguments: the distribution, then which parts; all without any. {@code LVS_BENCH_SCALE=0.02} makes the data small. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Map<String, Scenario> parts = parts();
        Set<String> wanted = new LinkedHashSet<>(List.of(arguments).subList(1, arguments.length));
        if (!parts.keySet().containsAll(wanted)) {
            wanted.removeAll(parts.keySet());
            System.err.println("there is no part " + wanted + "; there are " + parts.keySet());
            System.exit(2);
        }
        if (wanted.isEmpty()) {
            wanted.addAll(parts.keySet());
        }
        Path work = Files.createTempDirectory("lvs-bench-");
        Cleanup cleanup = new Cleanup(work);
        Runtime.getRuntime().addShutdownHook(new Thread(cleanup));
        BenchmarkContext context = new BenchmarkContext(
                new Distribution(Path.of(arguments[0])), work, DataScale.fromEnvironment(), new ResultTable());
        for (String name : wanted) {
            long began = System.nanoTime();
            System.err.println(name);
            try {
                part(parts, name).measure(context);
            } catch (IOException | SQLException | RuntimeException e) {
                if (cleanup.hasBegun()) {
                    return;
                }
                // The others are still worth their time.
                e.printStackTrace();
                context.table().add(name, "failed", "measured", false);
            }
            BenchmarkContext.say("(%s took %.0f s)", name, (System.nanoTime() - began) / 1e9);
        }
        describeMachine();
        if (!context.scale().isFull()) {
            System.out.println(
                    "At " + context.scale().factor() + " of the full size, for which the limits are not meant.");
            System.out.println();
        }
        context.table().print(System.out);
        System.exit(context.table().isKept() ? 0 : 1);
    }

    private static Map<String, Scenario> parts() {
        Map<String, Scenario> parts = new LinkedHashMap<>();
        parts.put("idle", new IdleDatastore());
        parts.put("load", new BusyDatastore());
        parts.put("memory", new MemoryBySize());
        parts.put("start", new StartUp());
        parts.put("many", new LongHistory());
        parts.put("puts", new SmallUpload());
        parts.put("postgres", new PostgresBackup());
        parts.put("s3", new LargeUpload());
        return parts;
    }

    private static Scenario part(Map<String, Scenario> parts, String name) {
        Scenario part = parts.get(name);
        if (part == null) {
            throw new IllegalArgumentException(name);
        }
        return part;
    }

    private static void describeMachine() throws IOException, InterruptedException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("unknown processor");
        System.out.println(Runtime.getRuntime().availableProcessors() + " processors (" + model + "), Java "
                + Runtime.version().feature() + ", Linux " + System.getProperty("os.version") + ".");
        System.out.println();
    }
}
