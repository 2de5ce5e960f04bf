package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.InMemorySink.Trait;
import cloud.lvs.backup.contract.SinkContract;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("today")
class InMemorySinkContractTest {
    private abstract static class InMemory extends SinkContract {
        private final Trait[] traits;
        private InMemorySink sink = new InMemorySink(TestClock.today());

        InMemory(Trait... traits) {
            this.traits = traits;
        }

        @Override
        protected Sink newSink() {
            sink = new InMemorySink(TestClock.today(), traits);
            return sink;
        }

        @Override
        protected Sink openAgain() {
            return sink.openAgain();
        }

        @Override
        protected int unfinishedWrites() {
            return sink.unfinished().size();
        }

        @Override
        protected boolean shellReachesTheStore() {
            return false;
        }
    }

    @Nested
    class WithConditionalCreate extends InMemory {
        WithConditionalCreate() {
            super(Trait.REPORTS_SHA256);
        }
    }

    @Nested
    class WithoutConditionalCreate extends InMemory {
        WithoutConditionalCreate() {
            super(Trait.NO_CONDITIONAL_CREATE);
        }
    }

    @Test
    void aCommandThatDoesNotFetchIsToldWithItsKeyExitCodeAndStandardError(@TempDir Path temporary) {
        Map<String, Throwable> failures = ContractRun.failuresOf(temporary, Shelled::new);

        assertThat(failures).containsOnlyKeys("namesACommandThatFetchesAnObjectWithoutThisTool");
        assertThat(failures.get("namesACommandThatFetchesAnObjectWithoutThisTool"))
                .hasMessageContaining("the command that fetches '2026/11/it's here.db'")
                .hasMessageContaining("in-memory-sink get '2026/11/it'\\''s here.db'")
                .hasMessageContaining("ended with exit code 127 and wrote to standard error:")
                .hasMessageContaining("not found");
    }

    /** Says that a shell reaches it. */
    private static final class Shelled extends SinkContract {
        private InMemorySink sink = new InMemorySink(TestClock.today());

        @Override
        protected Sink newSink() {
            sink = new InMemorySink(TestClock.today());
            return sink;
        }

        @Override
        protected Sink openAgain() {
            return sink.openAgain();
        }

        @Override
        protected int unfinishedWrites() {
            return sink.unfinished().size();
        }
    }

    private final TestClock clock = TestClock.today();
    private final InMemorySink sink = new InMemorySink(clock);

    @Test
    void tellsWhenAnObjectBecameVisible() throws Exception {
        try (ObjectWriter writer = sink.create(new ObjectKey("a"), Map.of())) {
            writer.body().write(1);
            clock.advance(Duration.ofHours(2));
            writer.commit();
        }

        assertThat(sink.stat(new ObjectKey("a")).orElseThrow().lastModified()).isEqualTo(clock.instant());
    }

    @Test
    void holdsForeignKeysOfAnyShape() {
        for (String odd : List.of("../x", "a//b", "/abs", "new\nline")) {
            sink.putForeign(odd, new byte[] {1});
        }

        try (Stream<StoredObject> listing = sink.list("")) {
            assertThat(listing.map(StoredObject::key)).containsExactly("../x", "/abs", "a//b", "new\nline");
        }
    }

    @Test
    void countsReadsThatWereNotClosed() throws Exception {
        sink.putForeign("a", new byte[] {1});
        var listing = sink.list("");
        var stream = sink.open(new ObjectKey("a"));
        assertThat(sink.openReads()).isEqualTo(2);

        listing.close();
        stream.close();
        stream.close();

        assertThat(sink.openReads()).isZero();
    }

    @Test
    void aListingIsOfOneMoment() {
        sink.putForeign("a", new byte[0]);
        try (Stream<StoredObject> listing = sink.list("")) {
            sink.putForeign("b", new byte[0]);
            sink.removeForeign("a");
            assertThat(listing.map(StoredObject::key)).containsExactly("a");
        }
    }

    @Test
    void aCopyGoesItsOwnWay() {
        sink.putForeign("a", new byte[] {1});
        sink.create(new ObjectKey("unfinished"), Map.of());
        InMemorySink copy = sink.copy();
        sink.putForeign("b", new byte[] {2});

        assertThat(copy.keys()).containsExactly("a");
        assertThat(copy.unfinished()).isEmpty();
        assertThat(sink.unfinished()).containsExactly("unfinished");
    }

    @Test
    void keepsItsBytesFromTheHandsOfOthers() {
        byte[] content = "abc".getBytes(StandardCharsets.UTF_8);
        assertThat(sink.createIfAbsent(new ObjectKey("a"), content)).isEqualTo(Creation.CREATED);
        content[0] = 'X';
        sink.bytes("a").orElseThrow()[1] = 'X';

        assertThat(sink.bytes("a")).hasValue("abc".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void refusesMisuse() throws Exception {
        assertThatThrownBy(() -> sink.createIfAbsent(new ObjectKey("a"), new byte[65_537]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("64 KiB");
        assertThatThrownBy(() -> sink.create(new ObjectKey("a"), Map.of("k", "grüße")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ASCII");
        ObjectWriter writer = sink.create(new ObjectKey("a"), Map.of());
        writer.commit();
        assertThatThrownBy(writer::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> writer.body().write(1)).isInstanceOf(IllegalStateException.class);
        sink.close();
        assertThatThrownBy(() -> sink.stat(new ObjectKey("a"))).isInstanceOf(IllegalStateException.class);
    }
}
