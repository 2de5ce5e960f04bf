package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.NoOptions;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunId;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Options that a source does not take are refused before it sees them. */
@Tag("today")
class RestoreOptionsTest {
    record Taken() {}

    record Foreign() {}

    @TempDir
    Path directory = Path.of("");

    private final EngineFixture fixture = new EngineFixture();
    private final Job job = fixture.job(parts -> parts.restoreType(Taken.class).defaultLevel(Level.CONTENT));
    private BackupId backup = new BackupId("notes", fixture.clock.instant(), new RunId("none"));

    @BeforeEach
    void backUp() {
        backup = fixture.runOnce(job);
    }

    private static RestoreRequest request(RestoreTarget target, Record options) {
        return new RestoreRequest(target, List.of(), options, Consent.GIVEN, RestoreRequest.Mode.EXECUTE);
    }

    private RestoreTarget.Place place() {
        return new RestoreTarget.Place(directory.toString());
    }

    private void assertRefused(ThrowingCallable work, String given) {
        int opened = fixture.script.opened;
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIG))
                .hasMessage("the options of a restore for job notes: have to be " + Taken.class.getName() + ", but are "
                        + given);
        assertThat(fixture.script.opened).as("sources opened meanwhile").isEqualTo(opened);
    }

    @Test
    void optionsOfAnotherTypeAreRefusedByName() {
        Record foreign = new Foreign();
        String given = Foreign.class.getName();
        assertRefused(() -> fixture.engine.restore(job, backup, request(place(), foreign)), given);
        assertRefused(() -> fixture.engine.drill(job, backup, foreign, directory, Mode.EXECUTE), given);
        assertRefused(() -> fixture.engine.undo(job, request(new RestoreTarget.Undo(), foreign)), given);
    }

    @Test
    @SuppressWarnings("NullAway") // what an application that embeds the library may pass by mistake
    void noOptionsAtAllAreRefused() {
        assertRefused(() -> fixture.engine.restore(job, backup, request(place(), null)), "null");
        assertRefused(() -> fixture.engine.drill(job, backup, null, directory, Mode.EXECUTE), "null");
        assertThatThrownBy(() -> fixture.engine.restore(fixture.job(), backup, request(place(), null)))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("null");
    }

    @Test
    void optionsOfTheTypePassAndSoDoAnyWhereTheTypeIsNotKnown() {
        assertThatCode(() -> {
                    fixture.engine.restore(job, backup, request(place(), new Taken()));
                    fixture.engine.restore(fixture.job(), backup, request(place(), new NoOptions()));
                })
                .doesNotThrowAnyException();
    }

    @Test
    void aJobKnowsTheLevelOfAVerificationThatNamesNone() {
        assertThat(job.defaultLevel()).isEqualTo(Level.CONTENT);
        assertThat(fixture.job().defaultLevel()).isEqualTo(Level.CHECKSUM);
    }
}
