package cloud.lvs.backup.core;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import cloud.lvs.backup.contract.Fault;
import cloud.lvs.backup.contract.FaultPlan;
import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Operation;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkFailureException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose failure it is when a capture fails, and what the operator reads of it. */
@Tag("today")
class CaptureTest {
    private static final BackupException REFUSED =
            new BackupException(Kind.CREDENTIALS, "table a", "may not be read", "grant SELECT on it");
    private static final Body WELL = out -> {
        out.write(1);
        return Map.of("bytes", "1");
    };

    private final EngineFixture fixture = new EngineFixture();

    private RunReport run(SpiSource.Capture how) {
        return run(fixture.store, how);
    }

    private RunReport run(Sink sink, SpiSource.Capture how) {
        return fixture.run(Job.named("notes", "spi", () -> new SpiSource(how), new NamedSink("main", sink))
                .build());
    }

    private static Artifact artifact(Item item) {
        return Artifact.of(item.id(), "data").withStem(item.id());
    }

    private static CaptureReport each(ArtifactWriter out, Body first) throws IOException, InterruptedException {
        return new CaptureReport(
                List.of(
                        out.capture(SpiSource.FIRST, artifact(SpiSource.FIRST), first),
                        out.capture(SpiSource.SECOND, artifact(SpiSource.SECOND), WELL)),
                Map.of());
    }

    @Test
    void aFailedItemTellsWhoActsAndHow() throws Exception {
        RunReport report = run((out, run) -> new CaptureReport(
                List.of(
                        ItemResult.failed("first", REFUSED),
                        out.capture(SpiSource.SECOND, artifact(SpiSource.SECOND), WELL)),
                Map.of()));

        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(report.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.kind()).isEqualTo(Kind.CREDENTIALS);
            assertThat(failure)
                    .hasToString("job notes: capture: item first: table a: may not be read (grant SELECT on it)");
        });
        assertThat(fixture.engine
                        .show(
                                fixture.job(),
                                fixture.engine.list(fixture.job()).get(0).id())
                        .items())
                .contains(ItemResult.failed("first", REFUSED));
    }

    @Test
    void ofAFailureWithoutARemedyTheOperatorReadsToRunAgain() {
        RunReport report = run((out, run) -> new CaptureReport(
                List.of(
                        ItemResult.failed("first", "is torn"),
                        out.capture(SpiSource.SECOND, artifact(SpiSource.SECOND), WELL)),
                Map.of()));

        assertThat(report.failures())
                .singleElement()
                .hasToString("job notes: capture: item first: is torn (run again)");
    }

    private RunReport runSkipping(Item item, Item later) {
        Iterator<Item> told = List.of(item, later).iterator();
        return fixture.run(Job.named(
                        "notes",
                        "spi",
                        () -> new SpiSource(
                                () -> List.of(told.next(), SpiSource.SECOND),
                                (out, run) -> new CaptureReport(
                                        List.of(
                                                ItemResult.skipped(item.id(), "not today"),
                                                out.capture(SpiSource.SECOND, artifact(SpiSource.SECOND), WELL)),
                                        Map.of())),
                        new NamedSink("main", fixture.store))
                .build());
    }

    static Stream<Arguments> skippedItems() {
        Item selected = SpiSource.FIRST;
        Item excluded = Item.excluded("first", "is a cache");
        Item unreachable = Item.unreachable("first", "its server is down");
        Item another = Item.selected("other", null);
        return Stream.of(
                arguments(selected, selected, ItemResult.failed("first", "was selected but skipped: not today")),
                arguments(selected, unreachable, ItemResult.failed("first", "was selected but skipped: not today")),
                arguments(unreachable, unreachable, ItemResult.failed("first", "its server is down")),
                arguments(selected, another, ItemResult.skipped("first", "not today")),
                arguments(selected, excluded, ItemResult.skipped("first", "not today")),
                arguments(excluded, excluded, ItemResult.skipped("first", "not today")));
    }

    @ParameterizedTest
    @MethodSource("skippedItems")
    void onlyWhatIsExcludedOrGoneMayBeSkipped(Item item, Item later, ItemResult expected) {
        RunReport report = runSkipping(item, later);

        boolean failed = expected.status() == ItemResult.Status.FAILED;
        assertThat(report.items()).contains(expected);
        assertThat(report.outcome()).isEqualTo(failed ? Outcome.PARTIAL : Outcome.OK);
        assertThat(report.failures()).hasSize(failed ? 1 : 0);
    }

    @Test
    void whatIsSkippedHasFailedIfNobodyKnowsThatItIsGone() {
        Iterator<Item> once = List.of(SpiSource.FIRST).iterator();
        RunReport report = fixture.run(Job.named(
                        "notes",
                        "spi",
                        () -> new SpiSource(
                                () -> List.of(once.next()),
                                (out, run) ->
                                        new CaptureReport(List.of(ItemResult.skipped("first", "not today")), Map.of())),
                        new NamedSink("main", fixture.store))
                .build());

        assertThat(report.items()).containsExactly(ItemResult.failed("first", "was selected but skipped: not today"));
        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"create", "stat", "open", "list", "createIfAbsent"})
    void aSinkThatGivesNullIsToBlameAndNotTheSource(String method) {
        RunReport report = run(giving(null, method), (out, run) -> each(out, WELL));

        assertThat(Stream.concat(
                        report.failures().stream().map(failure -> failure.target() + ": " + failure.problem()),
                        report.warnings().stream()))
                .anyMatch(told -> told.contains("the odd sink: its " + method + "() gave null"))
                .noneMatch(told -> told.contains("NullPointerException"));
    }

    private Sink giving(@Nullable Object answer, String toMethod) {
        return (Sink) Proxy.newProxyInstance(
                CaptureTest.class.getClassLoader(), new Class<?>[] {Sink.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("toString")) {
                        return "the odd sink";
                    }
                    if (method.getName().equals(toMethod)) {
                        return answer;
                    }
                    try {
                        return method.invoke(fixture.store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }

    @Test
    @SuppressWarnings("NullAway") // what a source must not give
    void aSourceThatGivesNullIsToBlameInARun() {
        RunReport report = run((out, run) -> null);

        assertThat(report.failures()).singleElement().satisfies(failure -> {
            assertThat(failure.target()).isEqualTo("source " + SpiSource.class.getName());
            assertThat(failure.problem()).isEqualTo("its capture() gave null");
        });
    }

    @Test
    void whatASourceMustNotThrowIsABackupExceptionOfTheEngine() {
        Job job = Job.named(
                        "notes",
                        "spi",
                        () -> new SpiSource((out, run) -> each(out, WELL)),
                        new NamedSink("main", fixture.store))
                .build();
        BackupId id = requireNonNull(fixture.run(job).id());

        assertThatThrownBy(() -> fixture.engine.verify(job, id, Level.CONTENT))
                .isInstanceOf(BackupException.class)
                .hasMessage("job notes: failed: UnsupportedOperationException: not in these tests")
                .hasCauseInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void capturingAnItemTellsItsOwnFailureInTheResult() {
        RunReport report = run((out, run) -> each(out, body -> {
            body.write(1);
            throw REFUSED;
        }));

        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
        assertThat(report.items())
                .containsExactly(ItemResult.failed("first", REFUSED), ItemResult.done("second", Map.of("bytes", "1")));
    }

    @Test
    void capturingAnItemTellsAnyFailureToReadIt() {
        RunReport report = run((out, run) -> each(out, body -> {
            throw new NoSuchFileException("/data/first");
        }));

        assertThat(report.items().get(0).reason()).contains("NoSuchFileException", "/data/first");
        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
    }

    @Test
    void capturingAnItemThatIsEmptyFailsThatItem() {
        RunReport report = run((out, run) -> each(out, body -> Map.of()));

        assertThat(report.items().get(0).reason()).contains("is empty");
        assertThat(report.outcome()).isEqualTo(Outcome.PARTIAL);
    }

    @Test
    void capturingAnItemOnAnInterruptedThreadEndsTheRun() {
        RunReport report = run((out, run) -> each(out, body -> {
            Thread.currentThread().interrupt();
            body.write(1);
            return Map.of();
        }));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.kind()).isEqualTo(Kind.CANCELLED));
    }

    @Test
    void whatABodyThrowsPassesUnchanged() {
        List<Throwable> seen = new ArrayList<>();

        run((out, run) -> {
            for (Exception thrown : List.of(REFUSED, new IllegalStateException("boom"))) {
                Artifact artifact = artifact(SpiSource.FIRST).withStem("first-" + seen.size());
                seen.add(catchThrowable(() -> out.write(artifact, body -> rethrow(thrown))));
                assertThat(seen).last().isSameAs(thrown);
            }
            return new CaptureReport(List.of(), Map.of());
        });

        assertThat(seen).hasSize(2);
    }

    private static Map<String, String> rethrow(Exception thrown) throws IOException {
        if (thrown instanceof IOException io) {
            throw io;
        }
        throw (RuntimeException) thrown;
    }

    /** What a source may make of a sink that fails while it writes. */
    enum Handling implements SpiSource.Capture {
        LETS_IT_PASS {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
                out.write(artifact(SpiSource.FIRST), Handling::fill);
                return DONE;
            }
        },
        TAKES_IO_EXCEPTIONS_FOR_ITS_OWN {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) throws InterruptedException {
                try {
                    out.write(artifact(SpiSource.FIRST), Handling::fill);
                    return DONE;
                } catch (IOException e) {
                    throw new AssertionError("taken for a failure of the item", e);
                }
            }
        },
        CAPTURES_ITEM_BY_ITEM {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
                ItemResult result = out.capture(SpiSource.FIRST, artifact(SpiSource.FIRST), Handling::fill);
                throw new AssertionError("taken for a failure of the item: " + result);
            }
        },
        BODY_TELLS_A_BROKEN_PIPE {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
                ItemResult result = out.capture(SpiSource.FIRST, artifact(SpiSource.FIRST), body -> {
                    try {
                        return fill(body);
                    } catch (RuntimeException e) {
                        throw new BackupException(Kind.SOURCE, "dump", "ended with exit code 141", "run again", e);
                    }
                });
                throw new AssertionError("taken for a failure of the item: " + result);
            }
        },
        BODY_SWALLOWS_IT {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
                out.write(artifact(SpiSource.FIRST), body -> {
                    Throwable ignored = catchThrowable(() -> fill(body));
                    return Map.of();
                });
                return DONE;
            }
        },
        SWALLOWS_IT {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) {
                Throwable ignored = catchThrowable(() -> out.write(artifact(SpiSource.FIRST), Handling::fill));
                return DONE;
            }
        },
        THROWS_ANOTHER {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) {
                Throwable failure = catchThrowable(() -> out.write(artifact(SpiSource.FIRST), Handling::fill));
                throw new IllegalStateException("broken", failure);
            }
        },
        TRIES_THE_NEXT {
            @Override
            public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
                Throwable first = catchThrowable(() -> out.write(artifact(SpiSource.FIRST), Handling::fill));
                assertThat(first).isInstanceOf(SinkFailureException.class);
                out.write(artifact(SpiSource.SECOND), body -> {
                    throw new AssertionError("a sink that has failed takes nothing more");
                });
                return DONE;
            }
        };

        private static final CaptureReport DONE = new CaptureReport(
                List.of(ItemResult.done("first", Map.of()), ItemResult.done("second", Map.of())), Map.of());

        /** More than any codec holds back, and nothing that compresses. */
        private static Map<String, String> fill(OutputStream out) throws IOException {
            Random random = new Random(3);
            byte[] bytes = new byte[1 << 16];
            for (int i = 0; i < 64; i++) {
                random.nextBytes(bytes);
                out.write(bytes);
            }
            return Map.of();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFailureOfTheSinkEndsTheRunWhateverTheSourceMakesOfIt(Handling handling) {
        var sink = new FaultySink(
                fixture.store,
                FaultPlan.of(Fault.failAt(Operation.CREATE, 1, 1000).onKeysWith("first-")));

        RunReport report = run(sink, handling);

        assertThat(report.outcome()).isEqualTo(Outcome.FAILED);
        assertThat(report.failures())
                .singleElement()
                .satisfies(failure ->
                        assertThat(failure.kind()).as(failure.toString()).isEqualTo(Kind.SINK));
        assertThat(fixture.payload()).isEmpty();
    }

    @Test
    void aCaptureIsHandedTheInventoryOfTheRun() {
        List<Item> handed = new ArrayList<>();

        run((out, run) -> {
            handed.addAll(run.inventory());
            return new CaptureReport(List.of(), Map.of());
        });

        assertThat(handed).containsExactly(SpiSource.FIRST, SpiSource.SECOND);
    }

    @Test
    void theStagesAreToldInTheOrderTheyWereGoneThrough() {
        assertThat(run((out, run) -> each(out, WELL)).stages().keySet())
                .containsExactly("begin", "lock", "catalog", "preflight", "capture", "commit", "retain");
    }

    @Test
    void aSinkWithoutAFetchCommandGetsAHintThatBeginsWithTheFetchedFile() {
        RunReport report = run(new NoFetchSink(fixture.store), (out, run) -> each(out, WELL));

        assertThat(report.artifacts()).allSatisfy(artifact -> {
            String key = artifact.key().value();
            assertThat(artifact.restoreHint())
                    .isEqualTo("cat -- '" + key.substring(key.lastIndexOf('/') + 1) + "' | zstd -d");
        });
    }

    @Test
    void anArtifactIsItsRoleUnlessToldOtherwise() {
        assertThat(Artifact.of("shop", "pg-dump"))
                .isEqualTo(new Artifact("shop", "pg-dump", "pg-dump", "", 0, Sensitivity.ORDINARY, ""));
        assertThat(Artifact.of("shop", "pg-dump")
                        .withStem("pg-shop")
                        .withExtension(".dump")
                        .withOrdinal(2)
                        .withSensitivity(Sensitivity.SECRET)
                        .withRestoreTail("| pg_restore -d shop"))
                .isEqualTo(new Artifact(
                        "shop", "pg-dump", "pg-shop", ".dump", 2, Sensitivity.SECRET, "| pg_restore -d shop"));
    }
}
