package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.Job;
import cloud.lvs.backup.core.NamedSink;
import cloud.lvs.backup.core.RunReport;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Captures a test cluster, by itself or through the engine, and looks at what is left. */
final class CaptureBench {
    final TestRunContext run = new TestRunContext();
    final InMemoryArtifacts artifacts;
    final InMemorySink sink = new InMemorySink(TestTime.machine());
    final TestProviderContext context;
    private final TestCluster cluster;
    private final Path scratch;

    CaptureBench(TestCluster cluster, Path scratch) {
        this(cluster, scratch, new InMemoryArtifacts());
    }

    CaptureBench(TestCluster cluster, Path scratch, InMemoryArtifacts artifacts) {
        this.cluster = cluster;
        this.scratch = scratch;
        this.artifacts = artifacts;
        this.context = new TestProviderContext(scratch);
    }

    /** The superuser over the Unix socket. */
    static PostgresConfig.Builder config(TestCluster cluster) {
        return PostgresConfig.at(cluster.socketDirectory().toString())
                .port(cluster.port())
                .parallelism(2);
    }

    Source source(PostgresConfig config) {
        return new PostgresSourceProvider().create(config, context);
    }

    CaptureReport capture(PostgresConfig config) throws Exception {
        try (Source source = source(config)) {
            return source.capture(artifacts, run);
        }
    }

    /** A whole run into {@link #sink}, by the engine. */
    RunReport engineRun(PostgresConfig config) {
        return engineRun(config, sink);
    }

    RunReport engineRun(PostgresConfig config, Sink into) {
        return engineRun(() -> source(config), into);
    }

    /** A whole run in which something happens when so many bytes of an item were written. */
    RunReport engineRun(PostgresConfig config, String item, long afterBytes, Runnable hook) {
        return engineRun(() -> new HookedSource(source(config), item, afterBytes, hook), sink);
    }

    private static RunReport engineRun(Supplier<Source> source, Sink into) {
        Job job = Job.named("postgres", "postgres", source, new NamedSink("memory", into))
                .build();
        return new BackupEngine(TestTime.machine(), new Random(), Map.of("lvs-backup", "test"), event -> {})
                .run(job, BackupEngine.Mode.EXECUTE);
    }

    static ItemResult item(List<ItemResult> items, String id) {
        return items.stream().filter(item -> item.item().equals(id)).findFirst().orElseThrow();
    }

    StoredArtifact artifact(String item) {
        return artifacts.stored().stream()
                .filter(each -> each.item().equals(item))
                .findFirst()
                .orElseThrow();
    }

    /** The plain bytes of an artifact as a file of its own. */
    Path file(StoredArtifact artifact) throws IOException {
        return Files.write(Files.createTempFile(scratch.getParent(), "artifact", ".dump"), artifacts.bytes(artifact));
    }

    /** Sessions that say they are ours, waiting until there is none or the patience is at its end. */
    List<String> leftSessions() {
        return eventuallyEmpty(() -> cluster.query(
                "postgres",
                "SELECT application_name, state, query FROM pg_stat_activity WHERE application_name LIKE 'lvs-backup/%'"
                        + " OR application_name IN ('pg_dump', 'pg_dumpall')"));
    }

    /** Processes, orphans too, whose home is in the scratch directory; likewise. */
    List<String> leftProcesses() {
        return eventuallyEmpty(() -> {
            try (Stream<Path> all = Files.list(Path.of("/proc"))) {
                return all.filter(each -> each.getFileName().toString().matches("\\d+"))
                        .filter(this::isOurs)
                        .map(Path::toString)
                        .toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private boolean isOurs(Path process) {
        try {
            return Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1)
                    .contains("HOME=" + scratch);
        } catch (IOException e) {
            return false;
        }
    }

    private static List<String> eventuallyEmpty(Supplier<List<String>> look) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        List<String> seen = look.get();
        while (!seen.isEmpty() && System.nanoTime() < end) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return seen;
            }
            seen = look.get();
        }
        return seen;
    }
}
