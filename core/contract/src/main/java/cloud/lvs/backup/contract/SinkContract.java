package cloud.lvs.backup.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.Store;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link Sink} promises; each sink's tests extend it, third-party ones included.
 *
 * <p>Each test begins with the empty sink of {@link #newSink()}.
 */
@Timeout(300)
public abstract class SinkContract {
    private static final int THREADS = 8;

    private Sink sink;

    /** A sink over an empty store. */
    protected abstract Sink newSink() throws Exception;

    /** Another sink over the store of the last {@link #newSink()}, as another process would open it. */
    protected abstract Sink openAgain() throws Exception;

    /**
     * How many unfinished writes that store holds: what a crash would leave there. A store that sees nothing of a write
     * before its commit answers 0.
     */
    protected abstract int unfinishedWrites() throws Exception;

    /** Whether {@link Sink#fetchCommand} works in this environment; if so, it is run by {@code sh}. */
    protected boolean shellReachesTheStore() {
        return true;
    }

    /** How many objects to try a long listing and a big deletion with; more than one page of the store. */
    protected int manyObjects() {
        return 2_500;
    }

    /** How big an object has to be for a write to reach the store in several pieces. */
    protected int bigObjectBytes() {
        return 12 * 1024 * 1024;
    }

    @BeforeEach
    final void openSink() throws Exception {
        sink = newSink();
    }

    @AfterEach
    final void closeSink() {
        sink.close();
    }

    // Writing

    @Test
    void keepsWhatWasCommitted() throws Exception {
        StoredObject committed;
        try (ObjectWriter writer = sink.create(key("2026/11/x.db"), Map.of())) {
            writer.body().write(bytes("one "));
            writer.body().write('&');
            writer.body().write(bytes(" two "), 0, 4);
            committed = writer.commit();
        }

        assertThat(committed.key()).isEqualTo("2026/11/x.db");
        assertThat(committed.sizeBytes()).isEqualTo(9);
        assertThat(text("2026/11/x.db")).isEqualTo("one & two");
        assertThat(unfinishedWrites()).isZero();
    }

    @Test
    void showsNothingBeforeTheCommit() throws Exception {
        try (Sink other = openAgain();
                ObjectWriter writer = sink.create(key("a/big"), Map.of())) {
            writeBig(writer.body());
            writer.body().flush();

            for (Store store : List.of(sink, other)) {
                assertThat(store.stat(key("a/big"))).isEmpty();
                assertThat(keys(store, "")).isEmpty();
                assertThatThrownBy(() -> store.open(key("a/big")).close()).isInstanceOf(BackupException.class);
            }
            writer.commit();

            for (Store store : List.of(sink, other)) {
                assertThat(store.stat(key("a/big"))).isPresent();
                assertThat(keys(store, "")).containsExactly("a/big");
            }
        }
    }

    @Test
    void closingWithoutACommitLeavesNothing() throws Exception {
        try (ObjectWriter small = sink.create(key("a/small"), Map.of());
                ObjectWriter big = sink.create(key("a/big"), Map.of())) {
            small.body().write(bytes("half"));
            writeBig(big.body());
        }

        assertThat(keys(sink, "")).isEmpty();
        assertThat(unfinishedWrites()).isZero();
    }

    @Test
    void closingTheBodyNeitherCommitsNorAborts() throws Exception {
        try (ObjectWriter writer = sink.create(key("a"), Map.of())) {
            writer.body().write(bytes("whole"));
            writer.body().close();
            assertThat(sink.stat(key("a"))).isEmpty();

            writer.commit();
        }

        assertThat(text("a")).isEqualTo("whole");
    }

    @Test
    void givesTheSameBodyAtEveryCall() throws Exception {
        try (ObjectWriter writer = sink.create(key("a"), Map.of())) {
            assertThat(writer.body()).isSameAs(writer.body());
        }
    }

    @Test
    void closingTwiceOrAfterTheCommitIsHarmless() throws Exception {
        ObjectWriter aborted = sink.create(key("aborted"), Map.of());
        aborted.body().write(bytes("x"));
        aborted.close();
        aborted.close();
        ObjectWriter committed = sink.create(key("committed"), Map.of());
        committed.body().write(bytes("x"));
        committed.commit();
        committed.close();
        committed.close();

        assertThat(keys(sink, "")).containsExactly("committed");
    }

    @Test
    void anAbortedWriteCannotBeCommitted() throws Exception {
        ObjectWriter writer = sink.create(key("a"), Map.of());
        writer.body().write(bytes("x"));
        writer.close();

        assertThatThrownBy(writer::commit).isInstanceOfAny(IOException.class, IllegalStateException.class);
        assertThat(keys(sink, "")).isEmpty();
    }

    @Test
    void aCommitReplacesWhatWasThere() throws Exception {
        put("a/b", "the first and longer one");
        put("a/b", "second");

        assertThat(text("a/b")).isEqualTo("second");
        assertThat(sink.stat(key("a/b")).orElseThrow().sizeBytes()).isEqualTo(6);
        assertThat(keys(sink, "")).containsExactly("a/b");
    }

    @Test
    void anAbortedReplacementLeavesTheOldObject() throws Exception {
        put("a/b", "first");
        try (ObjectWriter writer = sink.create(key("a/b"), Map.of())) {
            writer.body().write(bytes("half of the sec"));
        }

        assertThat(text("a/b")).isEqualTo("first");
    }

    @Test
    void keepsAnEmptyObject() throws Exception {
        StoredObject committed = put("empty", "");

        assertThat(committed.sizeBytes()).isZero();
        assertThat(sink.stat(key("empty")).orElseThrow().sizeBytes()).isZero();
        assertThat(text("empty")).isEmpty();
    }

    @Test
    void keepsABigObjectByteForByte() throws Exception {
        String written;
        try (ObjectWriter writer = sink.create(key("big"), Map.of())) {
            written = writeBig(writer.body());
            assertThat(writer.commit().sizeBytes()).isEqualTo(bigObjectBytes());
        }

        assertThat(digest("big")).isEqualTo(written);
        assertThat(sink.stat(key("big")).orElseThrow().sha256()).isIn(null, written);
    }

    @Test
    void severalThreadsReadABigObjectAtOnce() throws Exception {
        String written;
        try (ObjectWriter writer = sink.create(key("big"), Map.of())) {
            written = writeBig(writer.body());
            writer.commit();
        }

        assertThat(inParallel(3, thread -> digest("big"))).containsOnly(written);
    }

    @Test
    void metadataIsHarmless() throws Exception {
        try (ObjectWriter writer = sink.create(key("a"), Map.of("lvs-job", "k3s", "lvs-run", "k7f3 q2xw; =\"'"))) {
            writer.body().write(bytes("content"));
            writer.commit();
        }

        assertThat(text("a")).isEqualTo("content");
        assertThat(keys(sink, "")).containsExactly("a");
    }

    @Test
    void severalThreadsWriteDifferentKeys() throws Exception {
        inParallel(THREADS, thread -> {
            for (int n = 0; n < 10; n++) {
                put("shared/t" + thread % 2 + "/" + thread + "-" + n, "thread " + thread + " object " + n);
            }
            return true;
        });

        assertThat(keys(sink, "shared/")).hasSize(THREADS * 10);
        for (int thread = 0; thread < THREADS; thread++) {
            assertThat(text("shared/t" + thread % 2 + "/" + thread + "-7")).isEqualTo("thread " + thread + " object 7");
        }
        assertThat(unfinishedWrites()).isZero();
    }

    @Test
    void writersOfOneKeyLeaveOneOfTheirObjectsWhole() throws Exception {
        inParallel(THREADS, thread -> put("contested", Integer.toString(thread).repeat(100_000)));

        String winner = text("contested");
        assertThat(winner).hasSize(100_000).isEqualTo(winner.substring(0, 1).repeat(100_000));
        assertThat(unfinishedWrites()).isZero();
    }

    @Test
    void writingAndDeletingSideBySideNeitherFailsNorLosesAnything() throws Exception {
        inParallel(THREADS, thread -> {
            for (int n = 0; n < 25; n++) {
                put("dir/sub/" + thread, "round " + n);
                assertThat(text("dir/sub/" + thread)).isEqualTo("round " + n);
                assertThat(sink.delete(List.of(key("dir/sub/" + thread)))).isEqualTo(DeleteReport.complete());
            }
            return put("dir/sub/" + thread, "kept");
        });

        assertThat(keys(sink, "")).hasSize(THREADS);
    }

    // Conditional creation

    @Test
    void createsOnlyWhatIsAbsent() throws Exception {
        assumeConditionalCreate();

        assertThat(sink.createIfAbsent(key("lock/1"), bytes("mine"))).isEqualTo(Creation.CREATED);
        assertThat(sink.createIfAbsent(key("lock/1"), bytes("yours"))).isEqualTo(Creation.EXISTS);
        assertThat(text("lock/1")).isEqualTo("mine");
        put("lock/2", "written plainly");
        assertThat(sink.createIfAbsent(key("lock/2"), bytes("yours"))).isEqualTo(Creation.EXISTS);
        assertThat(text("lock/2")).isEqualTo("written plainly");
        assertThat(keys(sink, "lock/")).containsExactly("lock/1", "lock/2");
        assertThat(unfinishedWrites()).isZero();
    }

    @Test
    void createsConditionallyAgainAfterADeletion() throws Exception {
        assumeConditionalCreate();

        sink.createIfAbsent(key("lock/1"), bytes("first"));
        sink.delete(List.of(key("lock/1")));

        assertThat(sink.createIfAbsent(key("lock/1"), bytes("second"))).isEqualTo(Creation.CREATED);
        assertThat(text("lock/1")).isEqualTo("second");
    }

    @Test
    void exactlyOneOfManyCreatorsWins() throws Exception {
        assumeConditionalCreate();

        for (int round = 0; round < 10; round++) {
            ObjectKey contested = key("lock/" + round);
            List<Sink> sinks = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                sinks.add(openAgain());
            }
            List<Creation> answers = inParallel(
                    THREADS,
                    thread -> sinks.get(thread).createIfAbsent(contested, bytes("winner " + thread + ", whole")));
            sinks.forEach(Sink::close);

            assertThat(answers).containsOnlyOnce(Creation.CREATED).containsOnly(Creation.CREATED, Creation.EXISTS);
            assertThat(text("lock/" + round)).isEqualTo("winner " + answers.indexOf(Creation.CREATED) + ", whole");
        }
    }

    @Test
    void keepsTheLargestConditionalObject() throws Exception {
        assumeConditionalCreate();

        sink.createIfAbsent(key("lock/1"), new byte[64 * 1024]);

        assertThat(sink.stat(key("lock/1")).orElseThrow().sizeBytes()).isEqualTo(64 * 1024);
    }

    @Test
    void aStoreThatCannotCreateConditionallyWritesNothing() throws Exception {
        Creation answer = sink.createIfAbsent(key("probe"), bytes("x"));

        assertThat(keys(sink, "")).isEqualTo(answer == Creation.UNSUPPORTED ? List.of() : List.of("probe"));
        assertThat(unfinishedWrites()).isZero();
    }

    // Reading

    @Test
    void knowsNothingOfAMissingKey() throws Exception {
        put("a/b", "x");

        for (String missing : List.of("a", "a/b/c", "a/bb", "b")) {
            assertThat(sink.stat(key(missing))).as(missing).isEmpty();
            Throwable thrown = catchThrowable(() -> sink.open(key(missing)).close());
            assertThat(thrown).as(missing).isInstanceOf(BackupException.class);
            BackupException failure = (BackupException) thrown;
            assertThat(failure.kind()).isEqualTo(Kind.NOT_FOUND);
            assertThat(failure.getMessage()).contains(missing);
            assertThat(failure.remedy()).isNotBlank();
        }
    }

    @Test
    void tellsTheSameByStatListAndCommit() throws Exception {
        StoredObject committed = put("a/b.db.zst", "content");

        StoredObject stated = sink.stat(key("a/b.db.zst")).orElseThrow();
        List<StoredObject> listed = objects(sink, "");

        assertThat(listed).hasSize(1);
        assertThat(stated.key())
                .isEqualTo(committed.key())
                .isEqualTo(listed.get(0).key());
        assertThat(stated.sizeBytes())
                .isEqualTo(committed.sizeBytes())
                .isEqualTo(listed.get(0).sizeBytes());
        assertThat(stated.lastModified()).isCloseTo(listed.get(0).lastModified(), within(1, ChronoUnit.SECONDS));
    }

    @Test
    void readsAnObjectToItsEndWhileItIsReplaced() throws Exception {
        put("a", "first ".repeat(50_000));
        try (InputStream in = sink.open(key("a"))) {
            byte[] start = in.readNBytes(6);
            put("a", "second");
            // The rest of the old object, or a failure: never a mix, never a quiet end.
            try {
                assertThat(new String(start, StandardCharsets.UTF_8)
                                + new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("first ".repeat(50_000));
            } catch (IOException broken) {
                assertThat(broken).isInstanceOf(BackupException.class);
            }
        }
        assertThat(text("a")).isEqualTo("second");
    }

    @Test
    void severalStreamsOfOneObjectDoNotDisturbEachOther() throws Exception {
        put("a", "abcdef");
        try (InputStream one = sink.open(key("a"));
                InputStream two = sink.open(key("a"))) {
            assertThat(one.readNBytes(3)).isEqualTo(bytes("abc"));
            assertThat(two.readAllBytes()).isEqualTo(bytes("abcdef"));
            assertThat(one.readAllBytes()).isEqualTo(bytes("def"));
        }
    }

    // Listing

    @Test
    void listsAnEmptyStoreAsEmpty() throws Exception {
        assertThat(keys(sink, "")).isEmpty();
        assertThat(keys(sink, "no/such/")).isEmpty();
    }

    @Test
    void listsByCodeUnitNotByFolder() throws Exception {
        // Not "a" beside "a/b": a file system cannot hold a file and a folder of one name.
        List<String> written = new ArrayList<>(List.of(
                "a-b/1", "a.b/1", "a/b", "a0", "A", "b/c/d", "b/c-d", "b/c.d/e", "b-c", "b.c", "Z/z", "_", "~"));
        Collections.shuffle(written, new Random(7));
        for (String each : written) {
            put(each, each);
        }

        assertThat(keys(sink, "")).isEqualTo(written.stream().sorted().toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "a", "a/", "a/b", "a/b/", "a/b/c", "ab", "a-", "b", "a/b/c/d", "a//", "/", "/a", "../", "a/../b",
                ".", "..", "a/b/d/", "a b", "zz"
            })
    void listsExactlyTheKeysThatBeginWithThePrefix(String prefix) throws Exception {
        List<String> written = List.of("a-/x", "a/b/c", "a/b/d", "a/b-c", "a/bc/d", "ab/c", "ab-c", "b/a/b", "a b");
        for (String each : written) {
            put(each, each);
        }

        assertThat(keys(sink, prefix))
                .isEqualTo(written.stream()
                        .filter(each -> each.startsWith(prefix))
                        .sorted()
                        .toList());
    }

    @Test
    void listsEverythingHoweverMuchThereIs() throws Exception {
        List<ObjectKey> written = putMany();

        assertThat(keys(sink, ""))
                .isEqualTo(written.stream().map(ObjectKey::value).sorted().toList());
        assertThat(keys(sink, "many/d1"))
                .isEqualTo(written.stream()
                        .map(ObjectKey::value)
                        .filter(each -> each.startsWith("many/d1"))
                        .sorted()
                        .toList());
        assertThat(objects(sink, "many/"))
                .allSatisfy(object -> assertThat(object.sizeBytes()).isEqualTo(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a/b", "a/b/c", "a/b0", "a0", "b", "zz"})
    void aListingMayBeginAfterAnyKey(String after) throws Exception {
        List<String> written = List.of("a-/x", "a/b/c", "a/b/d", "a/b-c", "a/bc/d", "ab/c", "b/a/b");
        for (String each : written) {
            put(each, each);
        }

        try (Stream<StoredObject> listing = sink.list("a", after)) {
            assertThat(listing.map(StoredObject::key).toList())
                    .isEqualTo(written.stream()
                            .filter(each -> each.startsWith("a") && each.compareTo(after) > 0)
                            .sorted()
                            .toList());
        }
    }

    @Test
    void aListingMayBeLeftHalfRead() throws Exception {
        put("a", "x");
        put("b", "x");

        try (Stream<StoredObject> listing = sink.list("")) {
            assertThat(listing.findFirst().orElseThrow().key()).isEqualTo("a");
        }
        assertThat(keys(sink, "")).containsExactly("a", "b");
    }

    // Deleting

    @Test
    void deletesWhatItIsAskedToAndNothingElse() throws Exception {
        for (String each : List.of("a/b", "a/bc", "a/c/d", "b")) {
            put(each, each);
        }

        DeleteReport report = sink.delete(List.of(key("a/b"), key("a/c/d")));

        assertThat(report.isComplete()).isTrue();
        assertThat(keys(sink, "")).containsExactly("a/bc", "b");
    }

    @Test
    void aMissingKeyCountsAsDeleted() throws Exception {
        put("a/b/c", "x");

        assertThat(sink.delete(List.of(key("a/b"), key("a/b/c/d"), key("nowhere")))
                        .refused())
                .isEmpty();
        assertThat(sink.delete(List.of(key("a/b/c"))).refused()).isEmpty();
        assertThat(sink.delete(List.of(key("a/b/c"))).refused()).isEmpty();
        assertThat(keys(sink, "")).isEmpty();
    }

    @Test
    void deletingNothingIsHarmless() throws Exception {
        put("a", "x");

        assertThat(sink.delete(List.of()).isComplete()).isTrue();
        assertThat(keys(sink, "")).containsExactly("a");
    }

    @Test
    void aKeyMayBeNamedTwiceInADeletion() throws Exception {
        put("a", "x");

        assertThat(sink.delete(List.of(key("a"), key("a"))).isComplete()).isTrue();
        assertThat(keys(sink, "")).isEmpty();
    }

    @Test
    void deletesMoreThanAStoreTakesInOneRequest() throws Exception {
        List<ObjectKey> written = putMany();
        put("kept", "x");

        assertThat(sink.delete(written).isComplete()).isTrue();
        assertThat(keys(sink, "")).containsExactly("kept");
    }

    @Test
    void deletingDiscardsTheUnfinishedWritesOfOthers() throws Exception {
        try (Sink other = openAgain();
                ObjectWriter abandoned = other.create(key("a/dead"), Map.of());
                ObjectWriter living = other.create(key("a/dead-not"), Map.of())) {
            writeBig(abandoned.body());
            writeBig(living.body());
            int seen = unfinishedWrites();

            assertThat(sink.delete(List.of(key("a/dead"))).isComplete()).isTrue();

            if (seen > 0) {
                assertThat(unfinishedWrites()).isEqualTo(seen - 1);
                assertThatThrownBy(abandoned::commit).isInstanceOf(BackupException.class);
                assertThat(keys(sink, "")).isEmpty();
            }
            living.commit();
        }

        assertThat(keys(sink, "a/dead-")).containsExactly("a/dead-not");
        assertThat(unfinishedWrites()).isZero();
    }

    @Test
    void writesAgainAfterADeletion() throws Exception {
        put("a/b/c", "first");
        sink.delete(List.of(key("a/b/c")));
        put("a/b/c", "second");

        assertThat(text("a/b/c")).isEqualTo("second");
    }

    // Cleaning up, names, the shell

    @Test
    void cleansUpOnAnInterruptedThread() throws Exception {
        put("gone", "x");
        ObjectWriter small = sink.create(key("small"), Map.of());
        small.body().write(bytes("half"));
        ObjectWriter big = sink.create(key("big"), Map.of());
        writeBig(big.body());
        DeleteReport report;
        boolean stillInterrupted;

        Thread.currentThread().interrupt();
        try {
            small.close();
            big.close();
            report = sink.delete(List.of(key("gone")));
        } finally {
            stillInterrupted = Thread.interrupted();
        }

        assertThat(stillInterrupted).as("the interrupt is kept").isTrue();
        assertThat(report.isComplete()).isTrue();
        assertThat(keys(sink, "")).isEmpty();
        assertThat(unfinishedWrites()).isZero();
        put("after", "usable");
        assertThat(text("after")).isEqualTo("usable");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "with space/in it",
                "-leading/-dash",
                "a+b%20&c?d#e(f)g",
                "a..b/..c/d..",
                ".hidden/.x",
                "quo'te/dou\"ble/$HOME/`id`/*;|<>!",
                "grüße/日本/😀",
                "k=v,w:x@y~z^{}[]",
                " lead/trail /x"
            })
    void takesAnyValidKey(String odd) throws Exception {
        put(odd, "content of " + odd);
        put("plain", "x");

        assertThat(text(odd)).isEqualTo("content of " + odd);
        assertThat(sink.stat(key(odd)).orElseThrow().key()).isEqualTo(odd);
        assertThat(keys(sink, "")).containsExactlyInAnyOrder(odd, "plain").isSorted();
        assertThat(keys(sink, odd.substring(0, 4))).containsExactly(odd);
        if (shellReachesTheStore()) {
            assertThat(fetchByShell(odd)).isEqualTo(bytes("content of " + odd));
        }
        assertThat(sink.delete(List.of(key(odd))).isComplete()).isTrue();
        assertThat(keys(sink, "")).containsExactly("plain");
    }

    @Test
    void namesACommandThatFetchesAnObjectWithoutThisTool() throws Exception {
        put("2026/11/it's here.db", "binary\0\n\u00ff bytes");

        assertThat(sink.fetchCommand(key("2026/11/it's here.db"))).isNotBlank().doesNotContain("\n");
        assumeThat(shellReachesTheStore()).isTrue();
        assertThat(fetchByShell("2026/11/it's here.db")).isEqualTo(bytes("binary\0\n\u00ff bytes"));
    }

    @Test
    void closingTheSinkTwiceIsHarmless() throws Exception {
        put("a", "x");
        sink.close();
        sink.close();

        try (Sink other = openAgain()) {
            assertThat(keys(other, "")).containsExactly("a");
        }
    }

    // Vocabulary of the tests

    private static ObjectKey key(String value) {
        return new ObjectKey(value);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private StoredObject put(String key, String content) throws IOException, InterruptedException {
        try (ObjectWriter writer = sink.create(key(key), Map.of())) {
            writer.body().write(bytes(content));
            return writer.commit();
        }
    }

    private List<ObjectKey> putMany() throws Exception {
        List<ObjectKey> many = IntStream.range(0, manyObjects())
                .mapToObj(n -> key("many/d" + n % 7 + "/" + n))
                .toList();
        inParallel(THREADS, thread -> {
            for (int n = thread; n < many.size(); n += THREADS) {
                put(many.get(n).value(), "x");
            }
            return true;
        });
        return many;
    }

    private String text(String key) throws IOException, InterruptedException {
        try (InputStream in = sink.open(key(key))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<StoredObject> objects(Store store, String prefix) throws IOException, InterruptedException {
        try (Stream<StoredObject> listing = store.list(prefix)) {
            return listing.toList();
        }
    }

    private static List<String> keys(Store store, String prefix) throws IOException, InterruptedException {
        return objects(store, prefix).stream().map(StoredObject::key).toList();
    }

    private String writeBig(OutputStream body) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        Random random = new Random(42);
        byte[] piece = new byte[100_003];
        for (int left = bigObjectBytes(); left > 0; left -= piece.length) {
            random.nextBytes(piece);
            int length = Math.min(left, piece.length);
            body.write(piece, 0, length);
            digest.update(piece, 0, length);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private String digest(String key) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = sink.open(key(key))) {
            byte[] buffer = new byte[65_536];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private byte[] fetchByShell(String key) throws IOException, InterruptedException {
        Process shell = new ProcessBuilder("sh", "-c", sink.fetchCommand(key(key)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            shell.getOutputStream().close();
            byte[] fetched = shell.getInputStream().readAllBytes();
            assertThat(shell.waitFor()).as("exit code").isZero();
            return fetched;
        } finally {
            shell.destroyForcibly();
        }
    }

    private void assumeConditionalCreate() throws IOException, InterruptedException {
        Creation probe = sink.createIfAbsent(key("probe"), bytes("x"));
        sink.delete(List.of(key("probe")));
        assumeThat(probe).as("conditional create").isNotEqualTo(Creation.UNSUPPORTED);
    }

    /** What one of several threads does. */
    private interface Work<T> {
        T of(int thread) throws Exception;
    }

    private static <T> List<T> inParallel(int threads, Work<T> work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(threads);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int number = thread;
                tasks.add(() -> {
                    start.await();
                    return work.of(number);
                });
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : executor.invokeAll(tasks)) {
                results.add(future.get());
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
