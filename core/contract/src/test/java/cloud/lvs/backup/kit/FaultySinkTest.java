package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Call;
import cloud.lvs.backup.contract.FaultySink.Operation;
import cloud.lvs.backup.contract.FaultySink.Phase;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("today")
class FaultySinkTest {
    private final InMemorySink store = new InMemorySink(TestClock.today());
    private final List<String> told = new ArrayList<>();

    @TempDir
    Path temporary = Path.of("");

    /** The contract over an in-memory sink with these faults. */
    private static class Faulty extends SinkContract {
        private final FaultPlan plan;
        private InMemorySink store = new InMemorySink(TestClock.today());

        Faulty(Fault... faults) {
            this.plan = FaultPlan.of(faults);
        }

        @Override
        protected Sink newSink() {
            store = new InMemorySink(TestClock.today());
            return new FaultySink(store, plan);
        }

        @Override
        protected Sink openAgain() {
            return new FaultySink(store.openAgain(), plan);
        }

        @Override
        protected int unfinishedWrites() {
            return store.unfinished().size();
        }

        @Override
        protected boolean shellReachesTheStore() {
            return false;
        }

        @Override
        protected int manyObjects() {
            return 50;
        }

        @Override
        protected int bigObjectBytes() {
            return 150_000;
        }
    }

    @Nested
    class WithoutAFault extends Faulty {}

    static Stream<Fault> faults() {
        return Stream.of(Operation.values())
                .flatMap(operation -> Stream.of(Fault.Effect.values())
                        .filter(effect -> effect.fits(operation))
                        .map(effect -> new Fault(operation, "", 0, effect, 1)));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void theContractNotices(Fault fault) {
        assertThat(ContractRun.failuresOf(temporary, () -> new Faulty(fault))).isNotEmpty();
    }

    /** Its store can be cut; the fault says what the reader gets then. */
    private static final class Cut extends SinkContract {
        private final FaultPlan plan;
        private InMemorySink store = new InMemorySink(TestClock.today());

        Cut(Fault whenRead) {
            this.plan = FaultPlan.of(whenRead.onKeysWith("cut"));
        }

        @Override
        protected Sink newSink() {
            store = new InMemorySink(TestClock.today());
            return new FaultySink(store, plan);
        }

        @Override
        protected Sink openAgain() {
            return store.openAgain();
        }

        @Override
        protected int unfinishedWrites() {
            return store.unfinished().size();
        }

        @Override
        protected int bigObjectBytes() {
            return 150_000;
        }

        @Override
        protected boolean cutShort(ObjectKey key) {
            return true;
        }
    }

    @Test
    void anObjectThatEndsQuietlyWhereItWasCutIsNoticed() {
        String test = "anObjectThatIsCutWhileItIsReadDoesNotEndQuietly";

        assertThat(ContractRun.failureOf(test, temporary, new Cut(Fault.cutAt(Operation.OPEN, 0, 75_000))))
                .isPresent();
        assertThat(ContractRun.failureOf(test, temporary, new Cut(Fault.failAt(Operation.OPEN, 0, 75_000))))
                .isEmpty();
    }

    @Test
    void refusesAFaultThatCannotHappen() {
        assertThatThrownBy(() -> Fault.cutAt(Operation.DELETE, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("CUT_AT has no meaning for DELETE");
    }

    @Test
    void failsTheNthCallBeforeItsEffect() throws Exception {
        FaultySink sink = new FaultySink(store, FaultPlan.of(Fault.failBefore(Operation.COMMIT, 2)));

        put(sink, "a", "1");
        assertThatThrownBy(() -> put(sink, "b", "2"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("before COMMIT #2");
        put(sink, "c", "3");

        assertThat(store.keys()).containsExactly("a", "c");
    }

    @Test
    void losesTheReplyOfTheNthCall() {
        FaultySink sink = new FaultySink(store, FaultPlan.of(Fault.failAfter(Operation.COMMIT, 1)));

        assertThatThrownBy(() -> put(sink, "a", "1")).hasMessageContaining("after COMMIT #1");

        assertThat(store.keys()).containsExactly("a");
    }

    @Test
    void countsOnlyTheKeysItIsToldTo() throws Exception {
        FaultySink sink = new FaultySink(
                store, FaultPlan.of(Fault.failBefore(Operation.COMMIT, 1).onKeysWith("committed")));

        put(sink, "begun.json", "{}");
        assertThatThrownBy(() -> put(sink, "committed-OK.json", "{}")).isInstanceOf(BackupException.class);
    }

    @Test
    void refusesToDeleteAKeyAndDeletesTheOthers() throws Exception {
        FaultySink sink = new FaultySink(store, FaultPlan.of(Fault.refuseToDelete("b")));
        put(sink, "a", "1");
        put(sink, "b", "2");

        assertThat(sink.delete(List.of(new ObjectKey("a"), new ObjectKey("b"))).refused())
                .containsOnlyKeys(new ObjectKey("b"));
        assertThat(store.keys()).containsExactly("b");
    }

    @Test
    void failsAWriteAtAByte() throws Exception {
        FaultySink sink = new FaultySink(store, FaultPlan.of(Fault.failAt(Operation.CREATE, 1, 3)));

        assertThatThrownBy(() -> put(sink, "a", "abcdef")).hasMessageContaining("in the body of CREATE #1");

        assertThat(store.keys()).isEmpty();
        assertThat(store.unfinished()).isEmpty();
    }

    @Test
    void storesOtherBytesInSilence() throws Exception {
        FaultySink flips = new FaultySink(store, FaultPlan.of(Fault.flipAt(Operation.CREATE, 1, 2)));
        FaultySink cuts = new FaultySink(store, FaultPlan.of(Fault.cutAt(Operation.CREATE, 1, 2)));

        put(flips, "flipped", "abcdef");
        put(cuts, "cut", "abcdef");

        assertThat(store.bytes("flipped")).hasValue(bytes("abbdef"));
        assertThat(store.bytes("cut")).hasValue(bytes("ab"));
    }

    @Test
    void readsOtherBytesThanAreStored() throws Exception {
        store.putForeign("a", bytes("abcdef"));
        FaultySink sink = new FaultySink(
                store,
                FaultPlan.of(
                        Fault.flipAt(Operation.OPEN, 1, 4),
                        Fault.cutAt(Operation.OPEN, 2, 4),
                        Fault.failAt(Operation.OPEN, 3, 4)));

        assertThat(read(sink, "a")).isEqualTo("abcddf");
        assertThat(read(sink, "a")).isEqualTo("abcd");
        assertThatThrownBy(() -> read(sink, "a")).hasMessageContaining("in the stream of OPEN #3");
        assertThat(read(sink, "a")).isEqualTo("abcdef");
        assertThat(store.openReads()).isZero();
    }

    @Test
    void failsInTheMidstOfAListing() throws Exception {
        store.putForeign("a", bytes("1"));
        store.putForeign("b", bytes("2"));
        FaultySink sink = new FaultySink(store, FaultPlan.of(Fault.failAt(Operation.LIST, 1, 1)));
        List<String> read = new ArrayList<>();

        try (Stream<StoredObject> listing = sink.list("")) {
            assertThatThrownBy(() -> listing.forEach(object -> read.add(object.key())))
                    .isInstanceOf(UncheckedIOException.class);
        }
        assertThat(read).containsExactly("a");
    }

    @Test
    void pretendsToHaveCommittedCreatedAndDeleted() throws Exception {
        store.putForeign("there", bytes("1"));
        FaultySink sink = new FaultySink(
                store,
                FaultPlan.of(
                        Fault.pretend(Operation.COMMIT, 1),
                        Fault.pretend(Operation.CREATE_IF_ABSENT, 1),
                        Fault.pretend(Operation.DELETE_KEY, 1)));

        put(sink, "a", "1");
        assertThat(sink.createIfAbsent(new ObjectKey("b"), bytes("1"))).isEqualTo(Creation.CREATED);
        assertThat(sink.delete(List.of(new ObjectKey("there"))).isComplete()).isTrue();

        assertThat(store.keys()).containsExactly("there");
        assertThat(store.unfinished()).isEmpty();
    }

    @Test
    void tellsTheHookBeforeAndAfterEachEffect() throws Exception {
        FaultySink sink = new FaultySink(
                store,
                (call, phase) -> told.add(phase + " " + call.operation() + " " + call.key() + " " + store.keys()));

        put(sink, "a", "1");
        sink.delete(List.of(new ObjectKey("a"), new ObjectKey("b")));

        assertThat(told)
                .containsExactly(
                        "BEFORE CREATE a []",
                        "AFTER CREATE a []",
                        "BEFORE COMMIT a []",
                        "AFTER COMMIT a [a]",
                        "BEFORE DELETE a,b [a]",
                        "BEFORE DELETE_KEY a [a]",
                        "AFTER DELETE_KEY a []",
                        "BEFORE DELETE_KEY b []",
                        "AFTER DELETE_KEY b []",
                        "AFTER DELETE a,b []");
        assertThat(sink.calls()).extracting(Call::overall).containsExactly(1, 2, 3, 4, 5);
        assertThat(sink.count(Operation.DELETE_KEY)).isEqualTo(2);
    }

    @Test
    void aHookMayThrowInTheSinksPlace() {
        FaultySink sink = new FaultySink(store, (call, phase) -> {
            if (call.operation() == Operation.COMMIT && phase == Phase.AFTER) {
                throw new IOException("halted");
            }
        });

        assertThatThrownBy(() -> put(sink, "a", "1")).hasMessage("halted");
        assertThat(store.keys()).containsExactly("a");
    }

    @Test
    void aRandomPlanIsMadeAgainFromItsSeed() {
        for (long seed = 0; seed < 200; seed++) {
            FaultPlan plan = FaultPlan.random(seed);
            assertThat(FaultPlan.random(seed)).isEqualTo(plan);
            assertThat(plan.faults()).isNotEmpty();
            assertThat(plan.toString()).startsWith("FaultPlan.random(" + seed + ")[");
        }
        assertThat(FaultPlan.random(1).faults())
                .isNotEqualTo(FaultPlan.random(2).faults());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void put(Sink sink, String key, String content) throws IOException, InterruptedException {
        try (ObjectWriter writer = sink.create(new ObjectKey(key), Map.of())) {
            writer.body().write(bytes(content));
            writer.commit();
        }
    }

    private static String read(Sink sink, String key) throws IOException, InterruptedException {
        try (InputStream in = sink.open(new ObjectKey(key))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
