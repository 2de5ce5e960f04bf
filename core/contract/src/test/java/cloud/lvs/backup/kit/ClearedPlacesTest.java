package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClearedPlacesTest {
    private static final AtomicInteger FRESH = new AtomicInteger();
    private static Path places = Path.of("");

    /** Its places outlive the tests. */
    static class Cleared extends SourceContract {
        private static final Map<String, String> NOTES = Map.of("one", "A note.", "two", "Another note.");

        private record NoOptions() {}

        @Override
        protected Source newSource(ProviderContext context) {
            return new NotesSource(NOTES, context.scratchDirectory(), Set.of());
        }

        @Override
        protected RestoreTarget.Place freshPlace() {
            return new RestoreTarget.Place(
                    places.resolve("place-" + FRESH.incrementAndGet()).toString());
        }

        @Override
        protected boolean clearPlace(RestoreTarget.Place place) throws IOException {
            Path directory = Path.of(place.location());
            if (Files.exists(directory)) {
                for (Path file : entries(directory)) {
                    Files.delete(file);
                }
                Files.delete(directory);
            }
            return true;
        }

        private static List<Path> entries(Path directory) throws IOException {
            try (Stream<Path> entries = Files.list(directory)) {
                return entries.toList();
            }
        }

        @Override
        protected boolean holdsNothing(RestoreTarget.Place place) {
            return Files.notExists(Path.of(place.location()));
        }

        @Override
        protected void assertRestored(RestoreTarget.Place place) {
            NOTES.forEach(
                    (name, text) -> assertThat(Path.of(place.location(), name)).hasContent(text));
        }

        @Override
        protected Record restoreOptions() {
            return new NoOptions();
        }
    }

    /** Says that it clears its places, and does not. */
    static class Uncleared extends Cleared {
        @Override
        protected boolean clearPlace(RestoreTarget.Place place) {
            return true;
        }
    }

    @BeforeEach
    void begin(@TempDir Path directory) {
        places = directory;
        FRESH.set(0);
    }

    @Test
    void aClearedPlaceServesTheNextTest() {
        JUnitRun run = JUnitRun.of(Cleared.class);

        assertThat(run.failed()).isEmpty();
        assertThat(FRESH).as("one test needs a place for each of two artifacts").hasValue(2);
    }

    @Test
    void aPlaceThatWasNotClearedIsNoticed() {
        assertThat(JUnitRun.of(Uncleared.class).failed().get("restoresToAFreshPlace()"))
                .hasMessageContaining("after it was cleared");
    }

    @Test
    void aTestWhoseHookIsNotGivenIsSkippedAndTheHookIsNamed() {
        Map<String, Throwable> skipped = JUnitRun.of(Cleared.class).aborted();

        assertThat(skipped)
                .hasEntrySatisfying(
                        "aProducerThatBreaksOffDoesNotLookWhole()",
                        why -> assertThat(why).hasMessageContaining("newSourceThatBreaksOff()"));
        assertThat(skipped)
                .hasEntrySatisfying(
                        "anInterruptEndsACaptureWhoseProducerIsSilent()",
                        why -> assertThat(why).hasMessageContaining("newSourceThatFallsSilent()"));
        assertThat(skipped)
                .hasEntrySatisfying(
                        "tellsNoSecret()", why -> assertThat(why).hasMessageContaining("configuredSecrets()"));
        assertThat(skipped)
                .hasEntrySatisfying(
                        "givesNoSecretToTheArgumentsOfAProcess()",
                        why -> assertThat(why).hasMessageContaining("configuredSecrets()"));
    }

    @Test
    void whatWasSkippedIsWrittenToTheOutputOnceForEachReason() {
        var written = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
        try {
            JUnitRun.of(Cleared.class);
        } finally {
            System.setOut(before);
        }

        assertThat(written.toString(StandardCharsets.UTF_8).lines())
                .anyMatch(line -> line.startsWith("Cleared.aProducerThatBreaksOffDoesNotLookWhole was skipped: ")
                        && line.contains("newSourceThatBreaksOff()"))
                .filteredOn(line -> line.contains("configuredSecrets()"))
                .hasSize(1);
    }
}
