package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("today")
class JobTest {
    private record NoConfig() {}

    /** Makes the sources of the fixture. */
    private class Notes implements SourceProvider<NoConfig> {
        @Override
        public String type() {
            return "notes";
        }

        @Override
        public Class<NoConfig> configType() {
            return NoConfig.class;
        }

        @Override
        public Class<? extends Record> restoreType() {
            return NoConfig.class;
        }

        @Override
        public Level verifiesFrom() {
            return Level.CHECKSUM;
        }

        @Override
        public Source create(NoConfig config, ProviderContext context) {
            return fixture.script.open();
        }
    }

    private final EngineFixture fixture = new EngineFixture();
    private final NamedSink sink = new NamedSink("main", fixture.store);

    @TempDir
    Path scratch = Path.of("");

    @Test
    void isMadeOfAProviderItsConfigurationAndASink() {
        Job job = Job.of("notes", new Notes(), new NoConfig(), new LibraryContext(fixture.clock, scratch), sink)
                .build();

        assertThat(job.sourceType()).isEqualTo("notes");
        assertThat(job.verifiesFrom()).isEqualTo(Level.CHECKSUM);
        assertThat(fixture.run(job).outcome()).isEqualTo(Outcome.OK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bad Name",
                "a/b",
                "../x",
                "",
                "-a",
                "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            })
    void aNameThatNoBackupCanBearIsRefusedAndLeavesNothingInTheSink(String name) {
        LibraryContext context = new LibraryContext(fixture.clock, scratch);
        assertRefused(name, () -> Job.of(name, new Notes(), new NoConfig(), context, sink));
        assertRefused(name, () -> Job.named(name, "notes", fixture.script::open, sink));
        assertRefused(name, () -> Job.withoutSource(name, sink));
        assertThat(fixture.store.keys()).isEmpty();
    }

    private static void assertRefused(String name, ThrowingCallable making) {
        assertThatThrownBy(making)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "a job name is 1 to 63 characters of a-z, 0-9, '.', '_' and '-', beginning and ending with a"
                                + " letter or digit, was '" + name + "'");
    }

    @Test
    void whatIsStoredNeedsNoSource() throws Exception {
        BackupId first = fixture.runDaily(fixture.job());
        BackupId second = fixture.runDaily(fixture.job());
        BackupEngine engine = fixture.engine;
        Job job = Job.withoutSource("notes", sink)
                .retention(EngineFixture.keepLast(1))
                .build();

        assertThat(engine.list(job)).extracting(backup -> backup.id()).containsExactly(second, first);
        assertThat(engine.show(job, first).id()).isEqualTo(first);
        assertThat(engine.survey(job, job.sink()).job()).isEqualTo("notes");
        assertThat(engine.verify(job, second, Level.CHECKSUM).verification().passed())
                .isTrue();
        assertThat(engine.prune(job, Mode.EXECUTE))
                .singleElement()
                .satisfies(pruned -> assertThat(pruned.deleted()).containsExactly(first));
    }

    @Test
    void whatNeedsTheSourceSaysSo() throws Exception {
        BackupId id = fixture.runDaily(fixture.job());
        List<String> before = fixture.store.keys();
        BackupEngine engine = fixture.engine;
        Job job = Job.withoutSource("notes", sink).build();
        RestoreRequest request = new RestoreRequest(
                new RestoreTarget.Place("anywhere"),
                List.of(),
                new NoConfig(),
                Consent.NOT_GIVEN,
                RestoreRequest.Mode.EXECUTE);

        assertNeedsSource(() -> engine.verify(job, id, Level.CONTENT));
        assertNeedsSource(() -> engine.restore(job, id, request));
        assertNeedsSource(() -> engine.drill(job, id, new NoConfig(), scratch, Mode.EXECUTE));
        RunReport report = engine.run(job, Mode.EXECUTE);
        assertThat(report.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(Kind.CONFIG);
            assertThat(failure.problem()).isEqualTo("has no source, and this needs one");
        });
        assertThat(fixture.store.keys()).isEqualTo(before);
        assertThat(engine.diagnose(job).toString()).contains("has no source, and this needs one");
    }

    private static void assertNeedsSource(ThrowingCallable work) {
        assertThatThrownBy(work).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.CONFIG);
            assertThat(e.getMessage()).isEqualTo("job notes: has no source, and this needs one");
        });
    }

    @Test
    @SuppressWarnings("NullAway") // As code without annotations may do.
    void whoeverGivesNoSourceIsNamed() {
        Job supplied = Job.named("notes", "notes", () -> null, sink).build();
        Notes empty = new Notes() {
            @Override
            public Source create(NoConfig config, ProviderContext context) {
                return null;
            }
        };
        Job made = Job.of("notes", empty, new NoConfig(), new LibraryContext(fixture.clock, scratch), sink)
                .build();

        assertThat(fixture.run(supplied).failures())
                .extracting(Failure::toString)
                .containsExactly("job notes: catalog: source 'notes' of job notes: its supplier gave null in place of a"
                        + " source (it has to give a new source at each call)");
        assertThat(fixture.run(made).failures())
                .extracting(Failure::problem)
                .containsExactly(empty.getClass().getName() + " gave null in place of a source");
    }
}
