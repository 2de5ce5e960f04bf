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
import cloud.lvs.backup.spi.SinkProvider;
import cloud.lvs.backup.spi.Store;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractLongAssert;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ListAssert;
import org.assertj.core.api.OptionalAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link Sink} promises; each sink's tests extend it, third-party ones included. Name the class
 * {@code <Sink>ContractTest}, so that Surefire finds it.
 *
 * <p>Each test begins with the empty sink of {@link #newSink()}. The contract closes every sink that it was given. The first
 * test, {@code reachesTheStore}, fails if the store does not answer; the others are skipped then.
 */
@Timeout(300)
@ExtendWith({UnreachableStore.class, SkippedTests.class})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
public abstract class SinkContract {
    private static final int THREADS = 8;

    private @Nullable Sink opened;

    /** A sink over an empty store, once a test; the contract closes it. */
    protected abstract Sink newSink() throws Exception;

    /**
     * Another sink over the store of the last {@link #newSink()}, as another process would open it; any number of times a
     * test. The contract closes it.
     */
    protected abstract Sink openAgain() throws Exception;

    /**
     * How many unfinished writes that store holds: what a crash would leave there. A store that sees nothing of a write
     * before its commit answers 0.
     */
    protected abstract int unfinishedWrites() throws Exception;

    /**
     * Whether {@link Sink#fetchCommand} works in this environment, by default yes; if so, it is run by {@code sh -c} with an
     * empty standard input.
     */
    protected boolean shellReachesTheStore() {
        return true;
    }

    /** How many objects to try a long listing and a big deletion with, by default 2500; more than one page of the store. */
    protected int manyObjects() {
        return 2_500;
    }

    /** How many bytes an object needs for a write to reach the store in several pieces, by default 12 MiB. */
    protected int bigObjectBytes() {
        return 12 * 1024 * 1024;
    }

    /**
     * The secrets of the configuration of {@link #newSink()} in plain text: passwords, keys, tokens. None of them may be told.
     * By default none, and the test of it is skipped.
     */
    protected Set<String> configuredSecrets() {
        return Set.of();
    }

    /**
     * Cuts a stored object to half of its bytes behind the sink's back, as a broken disk or a hand would, while it is read.
     *
     * @return whether it was cut; by default false, and the test of it is skipped
     */
    protected boolean cutShort(ObjectKey key) throws Exception {
        return false;
    }

    @BeforeEach
    final void openSink() throws Exception {
        try {
            opened = newSink();
            keys(opened, "");
        } catch (Exception e) {
            throw new UnreachableStore.Failure(e);
        }
    }

    @AfterEach
    final void closeSink() {
        if (opened != null) {
            opened.close();
        }
    }

    @Test
    @Order(1)
    void reachesTheStore() throws Exception {
        put("reached", "x");

        assertText("reached").isEqualTo("x");
        assertKeys(sink(), "").containsExactly("reached");
        assertComplete(sink().delete(List.of(key("reached"))));
    }

    /** Every provider that lies in the jar or directory of the sink. */
    @Test
    void itsProviderIsFoundAndCanBeConfigured() throws Exception {
        ProviderCheck.assertUsable(SinkProvider.class, sink());
    }

    // Writing

    @Test
    void keepsWhatWasCommitted() throws Exception {
        StoredObject committed;
        try (ObjectWriter writer = sink().create(key("2026/11/x.db"), Map.of())) {
            writer.body().write(bytes("one "));
            writer.body().write('&');
            writer.body().write(bytes(" two "), 0, 4);
            committed = writer.commit();
        }

        assertThat(committed.key()).as("key that the commit tells").isEqualTo("2026/11/x.db");
        assertThat(committed.sizeBytes()).as("size that the commit tells").isEqualTo(9);
        assertText("2026/11/x.db").isEqualTo("one & two");
        assertNothingUnfinished();
    }

    @Test
    void showsNothingBeforeTheCommit() throws Exception {
        try (Sink other = openAgain();
                ObjectWriter writer = sink().create(key("a/big"), Map.of())) {
            writeBig(writer.body());
            writer.body().flush();

            for (Store store : List.of(sink(), other)) {
                assertStat(store, "a/big").isEmpty();
                assertKeys(store, "").isEmpty();
                assertThatThrownBy(() -> store.open(key("a/big")).close()).isInstanceOf(BackupException.class);
            }
            writer.commit();

            for (Store store : List.of(sink(), other)) {
                assertStat(store, "a/big").isPresent();
                assertKeys(store, "").containsExactly("a/big");
            }
        }
    }

    @Test
    void closingWithoutACommitLeavesNothing() throws Exception {
        try (ObjectWriter small = sink().create(key("a/small"), Map.of());
                ObjectWriter big = sink().create(key("a/big"), Map.of())) {
            small.body().write(bytes("half"));
            writeBig(big.body());
        }

        assertKeys(sink(), "").isEmpty();
        assertNothingUnfinished();
    }

    @Test
    void closingTheBodyNeitherCommitsNorAborts() throws Exception {
        try (ObjectWriter writer = sink().create(key("a"), Map.of())) {
            writer.body().write(bytes("whole"));
            writer.body().close();
            assertStat(sink(), "a").isEmpty();

            writer.commit();
        }

        assertText("a").isEqualTo("whole");
    }

    @Test
    void givesTheSameBodyAtEveryCall() throws Exception {
        try (ObjectWriter writer = sink().create(key("a"), Map.of())) {
            assertThat(writer.body()).as("body asked for again").isSameAs(writer.body());
        }
    }

    @Test
    void closingTwiceOrAfterTheCommitIsHarmless() throws Exception {
        ObjectWriter aborted = sink().create(key("aborted"), Map.of());
        aborted.body().write(bytes("x"));
        aborted.close();
        aborted.close();
        ObjectWriter committed = sink().create(key("committed"), Map.of());
        committed.body().write(bytes("x"));
        committed.commit();
        committed.close();
        committed.close();

        assertKeys(sink(), "").containsExactly("committed");
    }

    @Test
    void anAbortedWriteCannotBeCommitted() throws Exception {
        ObjectWriter writer = sink().create(key("a"), Map.of());
        writer.body().write(bytes("x"));
        writer.close();

        assertThatThrownBy(writer::commit).isInstanceOfAny(IOException.class, IllegalStateException.class);
        assertKeys(sink(), "").isEmpty();
    }

    @Test
    void aCommitReplacesWhatWasThere() throws Exception {
        put("a/b", "the first and longer one");
        put("a/b", "second");

        assertText("a/b").isEqualTo("second");
        assertSize(sink(), "a/b").isEqualTo(6);
        assertKeys(sink(), "").containsExactly("a/b");
    }

    @Test
    void anAbortedReplacementLeavesTheOldObject() throws Exception {
        put("a/b", "first");
        try (ObjectWriter writer = sink().create(key("a/b"), Map.of())) {
            writer.body().write(bytes("half of the sec"));
        }

        assertText("a/b").isEqualTo("first");
    }

    @Test
    void keepsAnEmptyObject() throws Exception {
        StoredObject committed = put("empty", "");

        assertThat(committed.sizeBytes()).as("size that the commit tells").isZero();
        assertSize(sink(), "empty").isZero();
        assertText("empty").isEmpty();
    }

    @Test
    void keepsABigObjectByteForByte() throws Exception {
        String written;
        try (ObjectWriter writer = sink().create(key("big"), Map.of())) {
            written = writeBig(writer.body());
            assertThat(writer.commit().sizeBytes())
                    .as("size that the commit tells")
                    .isEqualTo(bigObjectBytes());
        }

        assertThat(digest("big")).as("SHA-256 of what is read").isEqualTo(written);
        assertThat(sink().stat(key("big")).orElseThrow().sha256())
                .as("SHA-256 that stat tells, if any")
                .isIn(null, written);
    }

    @Test
    void severalThreadsReadABigObjectAtOnce() throws Exception {
        String written;
        try (ObjectWriter writer = sink().create(key("big"), Map.of())) {
            written = writeBig(writer.body());
            writer.commit();
        }

        assertThat(inParallel(3, thread -> digest("big")))
                .as("SHA-256 of what each thread reads")
                .containsOnly(written);
    }

    @Test
    void metadataIsHarmless() throws Exception {
        try (ObjectWriter writer = sink().create(key("a"), Map.of("lvs-job", "k3s", "lvs-run", "k7f3 q2xw; =\"'"))) {
            writer.body().write(bytes("content"));
            writer.commit();
        }

        assertText("a").isEqualTo("content");
        assertKeys(sink(), "").containsExactly("a");
    }

    @Test
    void severalThreadsWriteDifferentKeys() throws Exception {
        inParallel(THREADS, thread -> {
            for (int n = 0; n < 10; n++) {
                put("shared/t" + thread % 2 + "/" + thread + "-" + n, "thread " + thread + " object " + n);
            }
            return true;
        });

        assertKeys(sink(), "shared/").hasSize(THREADS * 10);
        for (int thread = 0; thread < THREADS; thread++) {
            assertText("shared/t" + thread % 2 + "/" + thread + "-7").isEqualTo("thread " + thread + " object 7");
        }
        assertNothingUnfinished();
    }

    @Test
    void writersOfOneKeyLeaveOneOfTheirObjectsWhole() throws Exception {
        inParallel(THREADS, thread -> put("contested", Integer.toString(thread).repeat(100_000)));

        String winner = text("contested");
        assertThat(winner)
                .as("content of 'contested'")
                .hasSize(100_000)
                .isEqualTo(winner.substring(0, 1).repeat(100_000));
        assertNothingUnfinished();
    }

    @Test
    void writingAndDeletingSideBySideNeitherFailsNorLosesAnything() throws Exception {
        inParallel(THREADS, thread -> {
            for (int n = 0; n < 25; n++) {
                put("dir/sub/" + thread, "round " + n);
                assertText("dir/sub/" + thread).isEqualTo("round " + n);
                assertComplete(sink().delete(List.of(key("dir/sub/" + thread))));
            }
            return put("dir/sub/" + thread, "kept");
        });

        assertKeys(sink(), "").hasSize(THREADS);
    }

    // Conditional creation

    @Test
    void createsOnlyWhatIsAbsent() throws Exception {
        assumeConditionalCreate();

        assertThat(sink().createIfAbsent(key("lock/1"), bytes("mine")))
                .as("of an absent key")
                .isEqualTo(Creation.CREATED);
        assertThat(sink().createIfAbsent(key("lock/1"), bytes("yours")))
                .as("of the same key")
                .isEqualTo(Creation.EXISTS);
        assertText("lock/1").isEqualTo("mine");
        put("lock/2", "written plainly");
        assertThat(sink().createIfAbsent(key("lock/2"), bytes("yours")))
                .as("of a key that a writer committed")
                .isEqualTo(Creation.EXISTS);
        assertText("lock/2").isEqualTo("written plainly");
        assertKeys(sink(), "lock/").containsExactly("lock/1", "lock/2");
        assertNothingUnfinished();
    }

    @Test
    void createsConditionallyAgainAfterADeletion() throws Exception {
        assumeConditionalCreate();

        sink().createIfAbsent(key("lock/1"), bytes("first"));
        sink().delete(List.of(key("lock/1")));

        assertThat(sink().createIfAbsent(key("lock/1"), bytes("second")))
                .as("of a deleted key")
                .isEqualTo(Creation.CREATED);
        assertText("lock/1").isEqualTo("second");
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

            assertThat(answers)
                    .as("answers to %s creators of '%s'", THREADS, contested)
                    .containsOnlyOnce(Creation.CREATED)
                    .containsOnly(Creation.CREATED, Creation.EXISTS);
            assertText("lock/" + round).isEqualTo("winner " + answers.indexOf(Creation.CREATED) + ", whole");
        }
    }

    @Test
    void keepsTheLargestConditionalObject() throws Exception {
        assumeConditionalCreate();

        sink().createIfAbsent(key("lock/1"), new byte[64 * 1024]);

        assertSize(sink(), "lock/1").isEqualTo(64 * 1024);
    }

    @Test
    void aStoreThatCannotCreateConditionallyWritesNothing() throws Exception {
        Creation answer = sink().createIfAbsent(key("probe"), bytes("x"));

        assertKeys(sink(), "").isEqualTo(answer == Creation.UNSUPPORTED ? List.of() : List.of("probe"));
        assertNothingUnfinished();
    }

    // Reading

    @Test
    void knowsNothingOfAMissingKey() throws Exception {
        put("a/b", "x");

        for (String missing : List.of("a", "a/b/c", "a/bb", "b")) {
            assertStat(sink(), missing).isEmpty();
            Throwable thrown = catchThrowable(() -> sink().open(key(missing)).close());
            assertThat(thrown).as("failure to open '%s'", missing).isInstanceOf(BackupException.class);
            BackupException failure = (BackupException) thrown;
            assertThat(failure.kind())
                    .as("kind of the failure to open '%s'", missing)
                    .isEqualTo(Kind.NOT_FOUND);
            assertThat(failure.getMessage()).as("message of that failure").contains(missing);
            FailureTexts.assertTellsWhatToDo(failure);
        }
    }

    @Test
    void tellsTheSameByStatListAndCommit() throws Exception {
        StoredObject committed = put("a/b.db.zst", "content");

        StoredObject stated = sink().stat(key("a/b.db.zst")).orElseThrow();
        List<StoredObject> listed = objects(sink(), "");

        assertThat(listed).as("objects listed").hasSize(1);
        assertThat(stated.key())
                .as("key by stat, commit and list")
                .isEqualTo(committed.key())
                .isEqualTo(listed.get(0).key());
        assertThat(stated.sizeBytes())
                .as("size by stat, commit and list")
                .isEqualTo(committed.sizeBytes())
                .isEqualTo(listed.get(0).sizeBytes());
        assertThat(stated.lastModified())
                .as("time by stat and list")
                .isCloseTo(listed.get(0).lastModified(), within(1, ChronoUnit.SECONDS));
    }

    @Test
    void readsAnObjectToItsEndWhileItIsReplaced() throws Exception {
        put("a", "first ".repeat(50_000));
        try (InputStream in = sink().open(key("a"))) {
            byte[] start = in.readNBytes(6);
            put("a", "second");
            // The rest of the old object, or a failure: never a mix, never a quiet end.
            try {
                assertThat(new String(start, StandardCharsets.UTF_8)
                                + new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .as("what a reader gets of an object that is replaced meanwhile")
                        .isEqualTo("first ".repeat(50_000));
            } catch (IOException broken) {
                assertThat(broken)
                        .as("failure to read an object that was replaced")
                        .isInstanceOf(BackupException.class);
            }
        }
        assertText("a").isEqualTo("second");
    }

    @Test
    void anObjectThatIsCutWhileItIsReadDoesNotEndQuietly() throws Exception {
        String written;
        try (ObjectWriter writer = sink().create(key("cut"), Map.of())) {
            written = writeBig(writer.body());
            writer.commit();
        }

        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = sink().open(key("cut"))) {
            digest.update(in.readNBytes(1_000));
            assumeThat(cutShort(key("cut"))).as("cutShort(ObjectKey)").isTrue();
            digest.update(in.readAllBytes());
        } catch (IOException noticed) {
            FailureTexts.assertTellsWhatToDo(noticed);
            return;
        }
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .as("SHA-256 of what was read of an object that was cut meanwhile: all of it, or a failure")
                .isEqualTo(written);
    }

    @Test
    void severalStreamsOfOneObjectDoNotDisturbEachOther() throws Exception {
        put("a", "abcdef");
        try (InputStream one = sink().open(key("a"));
                InputStream two = sink().open(key("a"))) {
            assertThat(one.readNBytes(3)).as("start of one stream").isEqualTo(bytes("abc"));
            assertThat(two.readAllBytes()).as("the other stream").isEqualTo(bytes("abcdef"));
            assertThat(one.readAllBytes()).as("rest of the first stream").isEqualTo(bytes("def"));
        }
    }

    // Listing

    @Test
    void listsAnEmptyStoreAsEmpty() throws Exception {
        assertKeys(sink(), "").isEmpty();
        assertKeys(sink(), "no/such/").isEmpty();
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

        assertKeys(sink(), "").isEqualTo(written.stream().sorted().toList());
    }

    @ParameterizedTest(name = "prefix ''{0}''")
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

        assertKeys(sink(), prefix)
                .isEqualTo(written.stream()
                        .filter(each -> each.startsWith(prefix))
                        .sorted()
                        .toList());
    }

    @Test
    void listsEverythingHoweverMuchThereIs() throws Exception {
        List<ObjectKey> written = putMany();

        assertKeys(sink(), "")
                .isEqualTo(written.stream().map(ObjectKey::value).sorted().toList());
        assertKeys(sink(), "many/d1")
                .isEqualTo(written.stream()
                        .map(ObjectKey::value)
                        .filter(each -> each.startsWith("many/d1"))
                        .sorted()
                        .toList());
        assertThat(objects(sink(), "many/"))
                .allSatisfy(object -> assertThat(object.sizeBytes())
                        .as("size of '%s'", object.key())
                        .isEqualTo(1));
    }

    @ParameterizedTest(name = "after ''{0}''")
    @ValueSource(strings = {"", "a", "a/b", "a/b/c", "a/b0", "a0", "b", "zz"})
    void aListingMayBeginAfterAnyKey(String after) throws Exception {
        List<String> written = List.of("a-/x", "a/b/c", "a/b/d", "a/b-c", "a/bc/d", "ab/c", "b/a/b");
        for (String each : written) {
            put(each, each);
        }

        try (Stream<StoredObject> listing = sink().list("a", after)) {
            assertThat(listing.map(StoredObject::key).toList())
                    .as("keys with prefix 'a' after '%s'", after)
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

        try (Stream<StoredObject> listing = sink().list("")) {
            assertThat(listing.findFirst().orElseThrow().key())
                    .as("first key listed")
                    .isEqualTo("a");
        }
        assertKeys(sink(), "").containsExactly("a", "b");
    }

    // Deleting

    @Test
    void deletesWhatItIsAskedToAndNothingElse() throws Exception {
        for (String each : List.of("a/b", "a/bc", "a/c/d", "b")) {
            put(each, each);
        }

        DeleteReport report = sink().delete(List.of(key("a/b"), key("a/c/d")));

        assertComplete(report);
        assertKeys(sink(), "").containsExactly("a/bc", "b");
    }

    @Test
    void aMissingKeyCountsAsDeleted() throws Exception {
        put("a/b/c", "x");

        assertComplete(sink().delete(List.of(key("a/b"), key("a/b/c/d"), key("nowhere"))));
        assertComplete(sink().delete(List.of(key("a/b/c"))));
        assertComplete(sink().delete(List.of(key("a/b/c"))));
        assertKeys(sink(), "").isEmpty();
    }

    @Test
    void deletingNothingIsHarmless() throws Exception {
        put("a", "x");

        assertComplete(sink().delete(List.of()));
        assertKeys(sink(), "").containsExactly("a");
    }

    @Test
    void aKeyMayBeNamedTwiceInADeletion() throws Exception {
        put("a", "x");

        assertComplete(sink().delete(List.of(key("a"), key("a"))));
        assertKeys(sink(), "").isEmpty();
    }

    @Test
    void deletesMoreThanAStoreTakesInOneRequest() throws Exception {
        List<ObjectKey> written = putMany();
        put("kept", "x");

        assertComplete(sink().delete(written));
        assertKeys(sink(), "").containsExactly("kept");
    }

    @Test
    void deletingDiscardsTheUnfinishedWritesOfOthers() throws Exception {
        try (Sink other = openAgain();
                ObjectWriter abandoned = other.create(key("a/dead"), Map.of());
                ObjectWriter living = other.create(key("a/dead-not"), Map.of())) {
            writeBig(abandoned.body());
            writeBig(living.body());
            int seen = unfinishedWrites();

            assertComplete(sink().delete(List.of(key("a/dead"))));

            if (seen > 0) {
                assertThat(unfinishedWrites())
                        .as("unfinished writes, one of %s discarded", seen)
                        .isEqualTo(seen - 1);
                Throwable discarded = catchThrowable(abandoned::commit);
                assertThat(discarded).as("failure to commit what was discarded").isInstanceOf(BackupException.class);
                FailureTexts.assertTellsWhatToDo(discarded);
                assertKeys(sink(), "").isEmpty();
            }
            living.commit();
        }

        assertKeys(sink(), "a/dead-").containsExactly("a/dead-not");
        assertNothingUnfinished();
    }

    @Test
    void writesAgainAfterADeletion() throws Exception {
        put("a/b/c", "first");
        sink().delete(List.of(key("a/b/c")));
        put("a/b/c", "second");

        assertText("a/b/c").isEqualTo("second");
    }

    // Cleaning up, names, the shell

    @Test
    void cleansUpWhatAnInterruptBrokeOff() throws Exception {
        put("gone", "x");
        ObjectWriter small = sink().create(key("small"), Map.of());
        small.body().write(bytes("half"));
        ObjectWriter big = sink().create(key("big"), Map.of());

        Thread.currentThread().interrupt();
        Throwable brokeOff = catchThrowable(() -> writeBig(big.body()));
        // The engine holds the interrupt back while it cleans up.
        Thread.interrupted();
        small.close();
        big.close();
        DeleteReport report = sink().delete(List.of(key("gone")));

        assertComplete(report);
        assertKeys(sink(), "").isEmpty();
        assertNothingUnfinished();
        put("after", "usable");
        assertText("after").isEqualTo("usable");
    }

    @ParameterizedTest(name = "key ''{0}''")
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

        assertText(odd).isEqualTo("content of " + odd);
        assertThat(sink().stat(key(odd)).orElseThrow().key())
                .as("key that stat tells")
                .isEqualTo(odd);
        assertKeys(sink(), "").containsExactlyInAnyOrder(odd, "plain").isSorted();
        assertKeys(sink(), odd.substring(0, 4)).containsExactly(odd);
        if (shellReachesTheStore() && !sink().fetchCommand(key(odd)).isEmpty()) {
            assertFetchedByShell(odd, bytes("content of " + odd));
        }
        assertComplete(sink().delete(List.of(key(odd))));
        assertKeys(sink(), "").containsExactly("plain");
    }

    @Test
    void namesACommandThatFetchesAnObjectWithoutThisTool() throws Exception {
        put("2026/11/it's here.db", "binary\0\n\u00ff bytes");

        String command = sink().fetchCommand(key("2026/11/it's here.db"));
        assumeThat(command).as("fetchCommand, which this sink may lack").isNotEmpty();
        assertThat(command)
                .as("command that fetches \"2026/11/it's here.db\"")
                .isNotBlank()
                .doesNotContain("\n");
        assumeThat(shellReachesTheStore()).as("shellReachesTheStore()").isTrue();
        assertFetchedByShell("2026/11/it's here.db", bytes("binary\0\n\u00ff bytes"));
    }

    @Test
    void closingTheSinkTwiceIsHarmless() throws Exception {
        put("a", "x");
        sink().close();
        sink().close();

        try (Sink other = openAgain()) {
            assertKeys(other, "").containsExactly("a");
        }
    }

    // Secrets

    @Test
    void tellsNoSecret() throws Exception {
        assumeThat(configuredSecrets()).as("configuredSecrets()").isNotEmpty();
        List<String> told = new ArrayList<>();
        told.add("fetchCommand: " + sink().fetchCommand(key("2026/11/x.db")));
        told.add("toString: " + sink());
        sink().diagnose().forEach(check -> told.add("diagnose: " + check));
        FailureTexts.of(catchThrowable(() -> sink().open(key("missing")).close()))
                .forEach(text -> told.add("open: " + text));

        assertThat(told).allSatisfy(text -> assertThat(text).doesNotContain(configuredSecrets()));
    }

    // Vocabulary of the tests

    private Sink sink() {
        return Objects.requireNonNull(opened);
    }

    private static ObjectKey key(String value) {
        return new ObjectKey(value);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private StoredObject put(String key, String content) throws IOException, InterruptedException {
        try (ObjectWriter writer = sink().create(key(key), Map.of())) {
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
        try (InputStream in = sink().open(key(key))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private AbstractStringAssert<?> assertText(String key) throws IOException, InterruptedException {
        return assertThat(text(key)).as("content of '%s'", key);
    }

    private static ListAssert<String> assertKeys(Store store, String prefix) throws IOException, InterruptedException {
        return assertThat(keys(store, prefix)).as("keys with prefix '%s'", prefix);
    }

    private static OptionalAssert<StoredObject> assertStat(Store store, String key)
            throws IOException, InterruptedException {
        return assertThat(store.stat(key(key))).as("what stat tells of '%s'", key);
    }

    private static AbstractLongAssert<?> assertSize(Store store, String key) throws IOException, InterruptedException {
        return assertThat(store.stat(key(key)).orElseThrow().sizeBytes()).as("size that stat tells of '%s'", key);
    }

    private static void assertComplete(DeleteReport report) {
        assertThat(report.refused()).as("refused deletions").isEmpty();
    }

    private void assertNothingUnfinished() throws Exception {
        assertThat(unfinishedWrites()).as("unfinished writes").isZero();
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
        try (InputStream in = sink().open(key(key))) {
            byte[] buffer = new byte[65_536];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void assertFetchedByShell(String key, byte[] content) throws IOException, InterruptedException {
        String command = sink().fetchCommand(key(key));
        Path errors = Files.createTempFile("fetch-command", ".stderr");
        Process shell = new ProcessBuilder("sh", "-c", command)
                .redirectError(errors.toFile())
                .start();
        try {
            shell.getOutputStream().close();
            byte[] fetched = shell.getInputStream().readAllBytes();
            int exit = shell.waitFor();
            String outcome = String.format(
                    "the command that fetches '%s'%n  %s%nended with exit code %s and wrote to standard error:%n%s",
                    key, command, exit, Files.readString(errors));
            assertThat(exit).as(outcome).isZero();
            assertThat(fetched).as(outcome).isEqualTo(content);
        } finally {
            shell.destroyForcibly();
            Files.delete(errors);
        }
    }

    private void assumeConditionalCreate() throws IOException, InterruptedException {
        Creation probe = sink().createIfAbsent(key("probe"), bytes("x"));
        sink().delete(List.of(key("probe")));
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
