package cloud.lvs.backup.examples.benchmark;

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
        Map<String, Part> parts = parts();
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
        Bench bench = new Bench(new Distribution(Path.of(arguments[0])), work, Scale.fromEnvironment(), new Table());
        for (String name : wanted) {
            long began = System.nanoTime();
            System.err.println(name);
            try {
                part(parts, name).measure(bench);
            } catch (IOException | SQLException | RuntimeException e) {
                if (cleanup.hasBegun()) {
                    return;
                }
                // The others are still worth their time.
                e.printStackTrace();
                bench.table().add(name, "failed", "measured", false);
            }
            Bench.say("(%s took %.0f s)", name, (System.nanoTime() - began) / 1e9);
        }
        describeMachine();
        if (!bench.scale().isFull()) {
            System.out.println(
                    "At " + bench.scale().factor() + " of the full size, for which the limits are not meant.");
            System.out.println();
        }
        bench.table().print(System.out);
        System.exit(bench.table().isKept() ? 0 : 1);
    }

    private static Map<String, Part> parts() {
        Map<String, Part> parts = new LinkedHashMap<>();
        parts.put("idle", new IdleDatastore());
        parts.put("load", new BusyDatastore());
        parts.put("memory", new MemoryBySize());
        parts.put("start", new StartUp());
        parts.put("many", new LongHistory());
        parts.put("puts", new SmallPuts());
        parts.put("postgres", new PostgresBackup());
        parts.put("s3", new LargeUpload());
        return parts;
    }

    private static Part part(Map<String, Part> parts, String name) {
        Part part = parts.get(name);
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
