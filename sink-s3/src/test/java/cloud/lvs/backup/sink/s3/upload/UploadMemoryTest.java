package cloud.lvs.backup.sink.s3.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ObjectKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Parts that grow in a fixed amount of memory, here with blocks of 100 KiB. */
@Timeout(300)
class UploadMemoryTest {
    private static final int BLOCK = 100 * 1024;
    private static final int BLOCKS = 3;

    private final PartBuffers memory = new PartBuffers(BLOCK, BLOCKS);
    private final ExecutorService senders = Executors.newFixedThreadPool(2);
    private ScriptedStore store;
    private Bucket bucket;

    @BeforeEach
    void start() throws Exception {
        store = new ScriptedStore();
        S3SinkConfig config = store.config().build();
        bucket = Bucket.of(config, name -> null, new TestProviderContext(Path.of("target")));
    }

    @AfterEach
    void allMemoryIsGivenBack() {
        assertThat(memory.free()).isEqualTo(BLOCKS);
        senders.shutdownNow();
        bucket.close();
        store.close();
    }

    /** The sinks of a job are written to one after the other, and have to share what the process has. */
    @Test
    void memoryIsLetGoWhenNothingIsBeingWritten() throws Exception {
        byte[] one = memory.take();
        byte[] other = memory.take();
        memory.giveBack(one);
        memory.trim();
        byte[] again = memory.take();
        assertThat(again).as("another object is being written").isSameAs(one);
        memory.giveBack(again);
        memory.giveBack(other);

        try (S3ObjectWriter writer = writer("a", new PartPlan(20, BLOCKS))) {
            writer.body().write(randomBytes(3 * BLOCK));
            writer.commit();
        }

        List<byte[]> fresh = List.of(memory.take(), memory.take());
        assertThat(fresh).noneMatch(block -> block == one || block == other);
        fresh.forEach(memory::giveBack);
    }

    @Test
    void partsGrowUpToAllTheMemoryThereIs() throws Exception {
        List<Integer> sizes = Collections.synchronizedList(new ArrayList<>());
        store.always(Operation.PART, call -> {
            sizes.add(call.body().length / BLOCK);
            call.properly();
        });
        byte[] content = randomBytes(50 * BLOCK + 1);

        try (S3ObjectWriter writer = writer("a", new PartPlan(20, BLOCKS))) {
            writer.body().write(content);
            writer.commit();
        }

        assertThat(store.bytes("a")).isEqualTo(content);
        assertThat(sizes).hasSizeLessThanOrEqualTo(20);
        // Two of one block, two of two, the others of three; the last one holds what is left.
        assertThat(sizes).filteredOn(size -> size == 1).hasSizeBetween(2, 3);
        assertThat(sizes).filteredOn(size -> size == 2).hasSizeBetween(2, 3);
        assertThat(sizes).filteredOn(size -> size == 3).hasSizeGreaterThan(10);
    }

    @Test
    void refusesAnObjectForWhichTheStoreHasTooFewParts() throws Exception {
        PartPlan plan = new PartPlan(10, 1);
        try (S3ObjectWriter writer = writer("a", plan)) {
            writer.body().write(new byte[(int) plan.capacityBlocks() * BLOCK]);

            assertThatThrownBy(() -> {
                        writer.body().write(new byte[BLOCK + 1]);
                        writer.commit();
                    })
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.remedy()).contains("raise partSize"))
                    .hasMessageContaining("10 parts");
        }

        assertThat(store.objects).isEmpty();
        assertThat(store.uploads).isEmpty();
    }

    @Test
    void manyWritersWithGrowingPartsShareTheMemoryWithoutWaitingForEachOther() throws Exception {
        byte[] content = randomBytes(20 * BLOCK);
        ExecutorService sources = Executors.newFixedThreadPool(6);
        List<Future<?>> results = new ArrayList<>();
        for (int n = 0; n < 6; n++) {
            String key = "object-" + n;
            results.add(sources.submit(() -> {
                try (S3ObjectWriter writer = writer(key, new PartPlan(100, BLOCKS))) {
                    for (int from = 0; from < content.length; from += 50_000) {
                        writer.body().write(content, from, Math.min(50_000, content.length - from));
                    }
                    return writer.commit();
                }
            }));
        }
        for (Future<?> result : results) {
            result.get();
        }
        sources.shutdown();

        assertThat(store.objects).hasSize(6);
        assertThat(store.objects.values())
                .allSatisfy(kept -> assertThat(kept.bytes()).isEqualTo(content));
    }

    @Test
    void anInterruptedWriterStopsAndLeavesNothing() throws Exception {
        store.always(Operation.PART, call -> {
            sleep(Duration.ofMillis(300));
            call.properly();
        });
        S3ObjectWriter writer = writer("a", new PartPlan(1000, BLOCKS));
        Thread self = Thread.currentThread();
        senders.execute(() -> {
            sleep(Duration.ofMillis(400));
            self.interrupt();
        });

        assertThatThrownBy(() -> writer.body().write(randomBytes(200 * BLOCK)))
                .isInstanceOf(java.io.InterruptedIOException.class);
        writer.close();

        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        assertThat(store.uploads).isEmpty();
        assertThat(store.objects).isEmpty();
    }

    @Test
    void aDefaultSinkTakesObjectsOf422GiB() {
        assertThat(new PartPlan(10_000, 3).capacityBlocks() * 16 / 1024).isEqualTo(421);
    }

    private S3ObjectWriter writer(String key, PartPlan plan) {
        return new S3ObjectWriter(
                bucket,
                new ObjectKey(key),
                Map.of(ExpectedObject.WRITE_ID, "w-" + key),
                new ObjectLocks(bucket, null, TestTime.machine()),
                memory,
                plan,
                senders);
    }

    private static void sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static byte[] randomBytes(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }
}
