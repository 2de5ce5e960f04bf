package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class NotesSourceContractTest {
    private static final class Notes extends SourceContract {
        private static final Map<String, String> NOTES =
                Map.of("shopping", "Bread and a pound of butter.", "plan", "Sleep until noon.");

        private final Path places;
        private final Set<NotesSource.Flaw> flaws;
        private int count;

        Notes(Path places, Set<NotesSource.Flaw> flaws) {
            this.places = places;
            this.flaws = flaws;
        }

        @Override
        protected Source newSource(ProviderContext context) {
            return new NotesSource(NOTES, context.scratchDirectory(), flaws);
        }

        @Override
        protected Optional<Source> newSourceThatBreaksOff(ProviderContext context) {
            return Optional.of(new NotesSource(NOTES, context.scratchDirectory(), flaws).breakingOff());
        }

        @Override
        protected Optional<Source> newSourceThatFallsSilent(ProviderContext context) {
            return Optional.of(new NotesSource(NOTES, context.scratchDirectory(), flaws).fallingSilent());
        }

        /** A flawed one is waited for in vain. */
        @Override
        protected Duration stopsWithin() {
            return flaws.isEmpty() ? super.stopsWithin() : Duration.ofSeconds(5);
        }

        @Override
        protected Set<String> configuredSecrets() {
            return Set.of(NotesSource.PASSWORD);
        }

        @Override
        protected RestoreTarget.Place freshPlace() {
            return new RestoreTarget.Place(places.resolve(System.identityHashCode(this) + "-" + count++)
                    .toString());
        }

        @Override
        protected boolean holdsNothing(RestoreTarget.Place place) {
            return Files.notExists(Path.of(place.location()));
        }

        @Override
        protected void assertRestored(RestoreTarget.Place place) throws IOException {
            for (Map.Entry<String, String> note : NOTES.entrySet()) {
                assertThat(Path.of(place.location(), note.getKey())).hasContent(note.getValue());
            }
        }

        private record NoOptions() {}

        @Override
        protected Record restoreOptions() {
            return new NoOptions();
        }
    }

    @TempDir
    Path places = Path.of("");

    @Test
    void aSoundSourceKeepsTheContract() {
        assertThat(ContractRun.failuresOf(places, () -> new Notes(places, Set.of())))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "SKIPS_WHAT_CANNOT_BE_READ, captureTellsWhatBecameOfEveryItem",
        "SKIPS_WHAT_IT_WAS_TOLD_CANNOT_BE_REACHED, anItemThatCannotBeReachedIsNotSkipped",
        "WAITS_FOR_A_SILENT_PRODUCER, anInterruptEndsACaptureWhoseProducerIsSilent",
        "TAKES_A_BROKEN_PRODUCER_FOR_A_WHOLE_ONE, aProducerThatBreaksOffDoesNotLookWhole",
        "TELLS_NO_REMEDY, aProducerThatBreaksOffDoesNotLookWhole",
        "TELLS_ITS_PASSWORD_IN_A_REPORT, tellsNoSecret",
        "TELLS_ITS_PASSWORD_IN_A_KEY, tellsNoSecret",
        "TELLS_ITS_PASSWORD_IN_A_FAILURE, tellsNoSecret",
        "TELLS_ITS_PASSWORD_IN_ARGUMENTS, givesNoSecretToTheArgumentsOfAProcess"
    })
    void oneTestNoticesAndNoOther(NotesSource.Flaw flaw, String test) {
        assertThat(ContractRun.failuresOf(places, () -> new Notes(places, Set.of(flaw))))
                .containsOnlyKeys(test);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {
                "SKIPS_WHAT_CANNOT_BE_READ",
                "SKIPS_WHAT_IT_WAS_TOLD_CANNOT_BE_REACHED",
                "WAITS_FOR_A_SILENT_PRODUCER",
                "TELLS_NO_REMEDY",
                "TAKES_A_BROKEN_PRODUCER_FOR_A_WHOLE_ONE",
                "TELLS_ITS_PASSWORD_IN_A_REPORT",
                "TELLS_ITS_PASSWORD_IN_A_KEY",
                "TELLS_ITS_PASSWORD_IN_A_FAILURE",
                "TELLS_ITS_PASSWORD_IN_ARGUMENTS"
            })
    void theContractNotices(NotesSource.Flaw flaw) {
        assertThat(ContractRun.failuresOf(places, () -> new Notes(places, Set.of(flaw))))
                .isNotEmpty();
    }
}
