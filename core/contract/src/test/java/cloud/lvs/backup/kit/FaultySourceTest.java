package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.FaultySource;
import cloud.lvs.backup.contract.FaultySource.Effect;
import cloud.lvs.backup.contract.FaultySource.Stage;
import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Source;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultySourceTest {
    private final TestRunContext run = new TestRunContext();
    private final InMemoryArtifacts written = new InMemoryArtifacts();

    @TempDir
    Path scratch = Path.of("");

    private Source notes() {
        return new NotesSource(Map.of("a", "First note.", "b", "Second note."), scratch, Set.of());
    }

    @Test
    void failsAtTheBeginningOfAVerb() throws Exception {
        Source source = FaultySource.at(Stage.PREFLIGHT, Effect.FAIL, notes());

        assertThatThrownBy(() -> source.preflight(run))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SOURCE));
        assertThat(source.inventory(run)).hasSize(4);
    }

    @Test
    void failsAtAByteOfAnArtifact() {
        Source source = FaultySource.atByte(2, 6, Effect.FAIL, notes());

        assertThatThrownBy(() -> source.capture(written, run)).hasMessageContaining("artifact 2 at byte 6");
        assertThat(written.sizes()).containsOnlyKeys("note-a.txt");
    }

    @Test
    void failsBehindTheLastByteRatherThanNotAtAll() {
        Source source = FaultySource.atByte(1, 1_000_000, Effect.FAIL, notes());

        assertThatThrownBy(() -> source.capture(written, run)).isInstanceOf(BackupException.class);
        assertThat(written.sizes()).isEmpty();
    }

    @Test
    void interruptsTheCallerInTheMidstOfAnArtifact() {
        Source source = FaultySource.atByte(1, 4, Effect.INTERRUPT, notes());

        assertThatThrownBy(() -> source.capture(written, run)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(written.sizes()).isEmpty();
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void changesTheWorldInTheMidstOfAnArtifact() throws Exception {
        List<Integer> sizes = new ArrayList<>();
        Source source =
                FaultySource.atByte(2, 4, () -> sizes.add(written.sizes().size()), notes());

        source.capture(written, run);

        assertThat(sizes).as("artifacts kept when it happened").containsExactly(1);
        assertThat(written.sizes()).hasSize(2);
    }

    @Test
    void breaksAsAPluginOfAnotherVersionWould() {
        Source source = FaultySource.at(Stage.CAPTURE, Effect.BREAK, notes());

        assertThatThrownBy(() -> source.capture(written, run)).isInstanceOf(NoClassDefFoundError.class);
    }
}
