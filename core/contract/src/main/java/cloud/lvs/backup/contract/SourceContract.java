package cloud.lvs.backup.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.fail;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.SinkFailureException;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link Source} promises; each provider's tests extend it, third-party ones included. Name the class
 * {@code <Source>ContractTest}, so that Surefire finds it.
 *
 * <p>What {@link #newSource} reads stays the same during a test. The contract closes every source that it was given; what
 * {@link #freshPlace} started is stopped by the subclass. A test whose hook is not given is skipped, and the hook is named.
 */
@Timeout(300)
@ExtendWith({PlacePool.class, SkippedTests.class})
public abstract class SourceContract {
    /** How long a producer has to be silent to be taken for one. */
    private static final Duration SILENCE = Duration.ofMillis(300);

    @TempDir
    Path temporary = Path.of("");

    private Path scratch = Path.of("");
    private final TestRunContext run = new TestRunContext();

    /** The places of earlier tests that were cleared. */
    PlacePool.Places places = new PlacePool.Places();

    private final List<RestoreTarget.Place> used = new ArrayList<>();

    /**
     * A source over something healthy that holds at least one item to capture; may be called several times a test. The contract
     * closes it.
     */
    protected abstract Source newSource(ProviderContext context) throws Exception;

    /**
     * A source over the same things whose producer breaks off half-way through an artifact: a dump program that dies with half
     * of its output written, a connection that is lost, a file that shrinks while it is read. The contract closes it.
     *
     * <p>By default there is none, and the test of it is skipped.
     */
    protected Optional<Source> newSourceThatBreaksOff(ProviderContext context) throws Exception {
        return Optional.empty();
    }

    /**
     * A source over the same things whose producer falls silent half-way through an artifact and does not end: a dump program
     * that waits for a lock, a server that does not answer any more. The contract interrupts it and closes it.
     *
     * <p>By default there is none, and the test of it is skipped.
     */
    protected Optional<Source> newSourceThatFallsSilent(ProviderContext context) throws Exception {
        return Optional.empty();
    }

    /** How long a capture that was interrupted, and each of its processes, may take to end on a busy machine. */
    protected Duration stopsWithin() {
        return Duration.ofSeconds(30);
    }

    /**
     * The secrets of the configuration of {@link #newSource} in plain text: passwords, keys, tokens. None of them may be in a
     * message, a report, a key, or the arguments of a process. By default none, and the tests of it are skipped.
     */
    protected Set<String> configuredSecrets() {
        return Set.of();
    }

    /** A place to restore to that holds nothing; another one at each call, several times a test. */
    protected abstract RestoreTarget.Place freshPlace() throws Exception;

    /**
     * Removes everything from a place that a test has used, so that the next test can have it in the place of a fresh one. For
     * places that are dear, such as servers, which then have to outlive the test.
     *
     * @return whether the place holds nothing now and may be used again; by default false, and every place is used by one test
     */
    protected boolean clearPlace(RestoreTarget.Place place) throws Exception {
        return false;
    }

    /** Whether a place holds nothing, not even a part of a restore. */
    protected abstract boolean holdsNothing(RestoreTarget.Place place) throws Exception;

    /** Fails if a place does not hold what the source held. */
    protected abstract void assertRestored(RestoreTarget.Place place) throws Exception;

    /** What goes into {@link RestoreRequest#options()}: the defaults of the provider's restore type. */
    protected abstract Record restoreOptions();

    /** The artifact whose loss of its second half must be noticed: one of those captured; by default the largest. */
    protected StoredArtifact artifactToDamage(List<StoredArtifact> captured) {
        return captured.stream()
                .max(Comparator.comparingLong(StoredArtifact::plainBytes))
                .orElseThrow();
    }

    /** Whether what a rehearsal needs is there, by default yes; if not, it is skipped. */
    protected boolean rehearsesHere() {
        return true;
    }

    @BeforeEach
    final void makeScratch() throws IOException {
        scratch = Files.createDirectories(temporary.resolve("scratch"));
    }

    @AfterEach
    final void leavesTheScratchDirectoryEmpty() throws IOException {
        Thread.interrupted();
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).as("left in the scratch directory").isEmpty();
        }
    }

    @AfterEach
    final void clearPlaces() throws Exception {
        Thread.interrupted();
        for (RestoreTarget.Place place : used) {
            if (clearPlace(place)) {
                assertHoldsNothing(place, "after it was cleared");
                places.free.add(place);
            }
        }
    }

    // The provider

    /** Every provider that lies in the jar or directory of the source. */
    @Test
    void itsProviderIsFoundAndCanBeConfigured() throws Exception {
        try (Source source = open()) {
            ProviderCheck.assertUsable(SourceProvider.class, source);
        }
    }

    // Looking

    @Test
    void preflightFindsNoErrorInAHealthySource() throws Exception {
        try (Source source = open()) {
            assertThat(source.preflight(run))
                    .as("findings about a healthy source")
                    .noneMatch(finding -> finding.severity() == Finding.Severity.ERROR)
                    .allSatisfy(finding -> assertThat(finding.problem())
                            .as("problem of %s", finding)
                            .isNotBlank());
        }
    }

    @Test
    void inventoryNamesEachItemOnce() throws Exception {
        try (Source source = open()) {
            List<Item> items = source.inventory(run);

            assertThat(items).as("inventory").extracting(Item::id).doesNotHaveDuplicates();
            assertThat(items).as("inventory").anyMatch(item -> item.state() == Item.State.SELECTED);
            assertThat(source.inventory(run))
                    .as("asked again")
                    .extracting(Item::id, Item::state)
                    .containsExactlyElementsOf(items.stream()
                            .map(item -> tuple(item.id(), item.state()))
                            .toList());
        }
    }

    // Capturing

    @Test
    void captureWritesAtLeastOneNonEmptyArtifact() throws Exception {
        var written = new InMemoryArtifacts();

        capture(written);

        assertThat(written.sizes()).as("artifacts captured").isNotEmpty();
        written.sizes()
                .forEach(
                        (key, bytes) -> assertThat(bytes).as("bytes of %s", key).isPositive());
    }

    @Test
    void captureTellsWhatBecameOfEveryItem() throws Exception {
        List<Item> inventory;
        CaptureReport report;
        try (Source source = open()) {
            inventory = source.inventory(run);
            report = source.capture(new InMemoryArtifacts(), run);
        }

        assertThat(report.items())
                .as("items of the report against those of the inventory")
                .extracting(ItemResult::item)
                .containsExactlyInAnyOrderElementsOf(
                        inventory.stream().map(Item::id).toList());
        for (Item item : inventory) {
            assertThat(report.items())
                    .filteredOn(result -> result.item().equals(item.id()))
                    .as("results of item %s, which is %s", item.id(), item.state())
                    .allMatch(result -> result.status() == expected(item.state()));
        }
    }

    private static ItemResult.Status expected(Item.State state) {
        return switch (state) {
            case SELECTED -> ItemResult.Status.DONE;
            case EXCLUDED -> ItemResult.Status.SKIPPED;
            case UNREACHABLE -> ItemResult.Status.FAILED;
        };
    }

    /** The inventory says so of an item; a source that looks again by itself may find that it can be reached. */
    @Test
    void anItemThatCannotBeReachedIsNotSkipped() throws Exception {
        CaptureReport report;
        String unreachable;
        try (Source source = open()) {
            List<Item> inventory = new ArrayList<>(source.inventory(run));
            Item last = inventory.stream()
                    .filter(item -> item.state() == Item.State.SELECTED)
                    .reduce((earlier, later) -> later)
                    .orElseThrow();
            unreachable = last.id();
            inventory.replaceAll(item -> item.equals(last) ? Item.unreachable(unreachable, "cannot be read") : item);
            report = source.capture(new InMemoryArtifacts(), new TestRunContext().knowing(inventory));
        } catch (BackupException nothingLeft) {
            return;
        }

        assertThat(report.items())
                .filteredOn(result -> result.item().equals(unreachable))
                .as("results of item %s, which is UNREACHABLE: skipped means that nobody has to act", unreachable)
                .noneMatch(result -> result.status() == ItemResult.Status.SKIPPED);
    }

    @Test
    void captureTellsTheSameWhenItIsGivenTheInventory() throws Exception {
        CaptureReport asked = capture(new InMemoryArtifacts());
        CaptureReport given;
        try (Source source = open()) {
            var knowing = new TestRunContext().knowing(source.inventory(run));
            given = source.capture(new InMemoryArtifacts(), knowing);
        }

        assertThat(given.items())
                .extracting(ItemResult::item, ItemResult::status)
                .containsExactlyInAnyOrderElementsOf(asked.items().stream()
                        .map(result -> tuple(result.item(), result.status()))
                        .toList());
    }

    @Test
    void itemsAndArtifactsBelongTogether() throws Exception {
        var written = new InMemoryArtifacts();

        CaptureReport report = capture(written);

        List<String> done = doneItems(report.items());
        assertThat(written.artifacts())
                .extracting(Artifact::item)
                .as("items with an artifact")
                .containsAll(done)
                .isSubsetOf(done);
    }

    @Test
    void artifactsCanBeToldApart() throws Exception {
        var written = new InMemoryArtifacts();

        capture(written);

        assertThat(written.artifacts())
                .as("ordinals")
                .extracting(Artifact::ordinal)
                .doesNotHaveDuplicates();
        assertThat(written.artifacts())
                .as("item and role of the artifacts")
                .extracting(artifact -> artifact.item() + " " + artifact.role())
                .doesNotHaveDuplicates();
    }

    @Test
    void captureIsRepeatable() throws Exception {
        var first = new InMemoryArtifacts();
        var second = new InMemoryArtifacts();

        CaptureReport one = capture(first);
        CaptureReport two = capture(second);

        assertThat(doneItems(two.items()))
                .as("items of the second capture")
                .containsExactlyInAnyOrderElementsOf(doneItems(one.items()));
        assertThat(two.source()).as("source as the second capture tells it").isEqualTo(one.source());
        assertThat(second.artifacts()).as("artifacts of the second capture").isEqualTo(first.artifacts());
    }

    @Test
    void aFailureOfTheSinkIsNotTakenForSuccess() throws Exception {
        SinkFailureException full =
                new SinkFailureException(new BackupException(Kind.SINK, "sink", "is full", "free space"));
        try (Source source = open()) {
            assertThatThrownBy(() -> source.capture(failing(full), run))
                    .as("a failure of the sink passes through a source")
                    .isSameAs(full);
        }
    }

    private static ArtifactWriter failing(SinkFailureException failure) {
        return new ArtifactWriter() {
            @Override
            public StoredArtifact write(Artifact artifact, Body body) {
                throw failure;
            }

            @Override
            public void intend(ExternalReference reference) {}
        };
    }

    @Test
    void aProducerThatBreaksOffDoesNotLookWhole() throws Exception {
        var written = new InMemoryArtifacts();
        CaptureReport report;
        try (Source source = sourceThatBreaksOff()) {
            report = source.capture(written, run);
        } catch (IOException e) {
            assertThat(e)
                    .as("failure of a producer that broke off")
                    .isNotInstanceOf(InterruptedIOException.class)
                    .message()
                    .isNotBlank();
            FailureTexts.assertTellsWhatToDo(e);
            return;
        }

        assertThat(report.items())
                .as("items after the producer of one broke off; its artifacts: %s", written.sizes())
                .anyMatch(item -> item.status() == ItemResult.Status.FAILED)
                .allSatisfy(item -> assertThat(item.remedy())
                        .as("remedy of item %s, if it was told", item.item())
                        .satisfiesAnyOf(
                                remedy -> assertThat(remedy).isNull(),
                                remedy -> assertThat(remedy).isNotBlank()));
        if (!doneItems(report.items()).isEmpty()) {
            assertPasses(InMemoryBackup.of(written, report, run, "contract"));
        }
    }

    private Source sourceThatBreaksOff() throws Exception {
        Optional<Source> source = newSourceThatBreaksOff(new TestProviderContext(scratch));
        assumeThat(source).as("newSourceThatBreaksOff()").isPresent();
        return source.orElseThrow();
    }

    // Stopping

    @Test
    void anInterruptedThreadCapturesNothing() throws Exception {
        var written = new InMemoryArtifacts();
        try (Source source = open()) {
            Thread.currentThread().interrupt();
            assertStopped(catchThrowable(() -> source.capture(written, run)));
        }
        assertThat(written.sizes()).as("artifacts kept").isEmpty();
    }

    @Test
    void anInterruptStopsACapture() throws Exception {
        Thread capturing = Thread.currentThread();
        var written = new InMemoryArtifacts(capturing::interrupt);
        Throwable thrown;
        boolean pending;
        try (Source source = open()) {
            thrown = catchThrowable(() -> source.capture(written, run));
            pending = Thread.interrupted();
        }

        // A capture that was as good as done may end, if it leaves the interrupt for the engine to see.
        if (thrown != null || !pending) {
            assertStopped(thrown);
        }
    }

    @Test
    void oneInterruptBetweenArtifactsEndsACapture() throws Exception {
        assertOneInterruptEndsACapture(InterruptingArtifacts.When.BEFORE_IT);
    }

    @Test
    void oneInterruptAmidAnArtifactEndsACapture() throws Exception {
        assertOneInterruptEndsACapture(InterruptingArtifacts.When.AMID_IT);
    }

    /** There is no second one: who swallows it, or makes a failed item of it, goes on with a run that is to stop. */
    private void assertOneInterruptEndsACapture(InterruptingArtifacts.When when) throws Exception {
        var out = new InterruptingArtifacts(when, Thread.currentThread());
        Throwable thrown;
        boolean pending;
        try (Source source = open()) {
            thrown = catchThrowable(() -> source.capture(out, run));
            pending = Thread.interrupted();
        }

        if (thrown != null || !pending) {
            assertStopped(thrown);
        }
    }

    @Test
    void anInterruptEndsACaptureWhoseProducerIsSilent() throws Exception {
        Optional<Source> silent = newSourceThatFallsSilent(new TestProviderContext(scratch));
        assumeThat(silent).as("newSourceThatFallsSilent()").isPresent();
        Set<ProcessHandle> before = processes();
        var thrown = new AtomicReference<@Nullable Throwable>();
        try (Source source = silent.orElseThrow()) {
            Thread capturing = new Thread(
                    () -> thrown.set(catchThrowable(() -> source.capture(new InMemoryArtifacts(), run))), "capture");
            capturing.setDaemon(true);
            capturing.start();
            capturing.join(SILENCE.toMillis());
            assertThat(capturing.isAlive())
                    .as("the capture goes on while its producer is silent; it ended with %s", thrown.get())
                    .isTrue();

            capturing.interrupt();

            capturing.join(stopsWithin().toMillis());
            assertThat(capturing.isAlive())
                    .as("the capture goes on %s after the interrupt", stopsWithin())
                    .isFalse();
        }
        assertStopped(thrown.get());
        assertNoProcessesBut(before);
    }

    @Test
    void leavesNoProcessBehind() throws Exception {
        Set<ProcessHandle> before;
        try (Source source = open()) {
            before = processes();
            source.capture(new InMemoryArtifacts(), run);
        }

        assertNoProcessesBut(before);
    }

    private static Set<ProcessHandle> processes() {
        return ProcessHandle.current().descendants().collect(Collectors.toSet());
    }

    /** One that was told to end may need a moment for it. */
    private void assertNoProcessesBut(Set<ProcessHandle> before) throws InterruptedException {
        Set<ProcessHandle> left = processes();
        left.removeAll(before);
        for (ProcessHandle process : left) {
            try {
                process.onExit().get(stopsWithin().toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                fail("process " + process.pid() + " was left behind: " + process.info());
            }
        }
    }

    @Test
    void aCancelledRunCapturesNothing() throws Exception {
        var written = new InMemoryArtifacts();
        run.cancel();

        try (Source source = open()) {
            assertStopped(catchThrowable(() -> source.capture(written, run)));
        }
        assertThat(written.sizes()).as("artifacts kept").isEmpty();
    }

    @Test
    void closingTwiceIsHarmless() throws Exception {
        Source unused = open();
        unused.close();
        unused.close();
        Source used = open();
        used.capture(new InMemoryArtifacts(), run);
        used.close();
        used.close();
    }

    // Verifying

    @Test
    void verifiesWhatItCaptured() throws Exception {
        InMemoryBackup backup = backup();

        assertPasses(backup);
    }

    private void assertPasses(BackupReader backup) throws Exception {
        try (Source source = open()) {
            Verification verification = source.verify(backup, Level.CONTENT, run);

            assertThat(verification.passed()).as(verification.toString()).isTrue();
            assertThat(verification.checks())
                    .allSatisfy(check ->
                            assertThat(check.name()).as("name of %s", check).isNotBlank());
        }
    }

    @Test
    void noticesAnArtifactCutShort() throws Exception {
        InMemoryBackup backup = backup();
        StoredArtifact damaged = artifactToDamage(backup.manifest().artifacts());

        assertFails(backup.cutShort(damaged), damaged);
    }

    @Test
    void noticesAStreamThatBreaks() throws Exception {
        InMemoryBackup backup = backup();

        for (StoredArtifact each : backup.manifest().artifacts()) {
            assertFails(backup.breaking(each), each);
        }
    }

    private void assertFails(BackupReader damaged, StoredArtifact artifact) throws Exception {
        try (Source source = open()) {
            Verification verification = source.verify(damaged, Level.CONTENT, run);

            assertThat(verification.passed())
                    .as("with %s damaged: %s", artifact.key(), verification)
                    .isFalse();
        } catch (BackupException e) {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.VERIFICATION);
        }
    }

    // Restoring

    @Test
    void restoresToAFreshPlace() throws Exception {
        InMemoryBackup backup = backup();
        RestoreTarget.Place place = place();

        RestoreReport report = restore(backup, place, Consent.NOT_GIVEN, Mode.EXECUTE);

        assertRestored(place);
        assertThat(doneItems(report.items()))
                .as("items restored")
                .containsExactlyInAnyOrderElementsOf(doneItems(backup.manifest().items()));
        assertThat(report.steps()).as("steps of the restore").isNotEmpty();
        assertThat(report.checks())
                .as("checks after the restore")
                .noneMatch(check -> check.status() == Check.Status.FAILED);
    }

    @Test
    void restoresAnItemByItsId() throws Exception {
        InMemoryBackup backup = backup();
        String item = doneItems(backup.manifest().items()).get(0);
        RestoreTarget.Place place = place();

        try (Source source = open()) {
            RestoreReport report = source.restore(
                    backup,
                    new RestoreRequest(place, List.of(item), restoreOptions(), Consent.NOT_GIVEN, Mode.EXECUTE),
                    run);
            assertThat(doneItems(report.items())).as("items restored").containsExactly(item);
        }
        assertThat(holdsNothing(place))
                .as("holdsNothing(%s) after item %s was restored", place, item)
                .isFalse();
    }

    @Test
    void refusesAnItemTheBackupDoesNotHold() throws Exception {
        InMemoryBackup backup = backup();
        RestoreTarget.Place place = place();

        try (Source source = open()) {
            Throwable thrown = catchThrowable(() -> source.restore(
                    backup,
                    new RestoreRequest(
                            place, List.of("no-such-item"), restoreOptions(), Consent.NOT_GIVEN, Mode.EXECUTE),
                    run));
            assertThat(thrown)
                    .as("restore of item no-such-item")
                    .isInstanceOf(BackupException.class)
                    .hasStackTraceContaining("no-such-item");
            FailureTexts.assertTellsWhatToDo(thrown);
        }
        assertHoldsNothing(place, "after the restore of an unknown item");
    }

    @Test
    void refusesAnOccupiedPlaceWithoutConsent() throws Exception {
        InMemoryBackup backup = backup();
        RestoreTarget.Place place = place();
        restore(backup, place, Consent.NOT_GIVEN, Mode.EXECUTE);

        assertRefused(catchThrowable(() -> restore(backup, place, Consent.NOT_GIVEN, Mode.EXECUTE)));
        assertRestored(place);
    }

    @Test
    void refusesToReplaceItsOriginWithoutConsent() throws Exception {
        InMemoryBackup backup = backup();

        assertRefused(
                catchThrowable(() -> restore(backup, new RestoreTarget.InPlace(), Consent.NOT_GIVEN, Mode.EXECUTE)));
    }

    @Test
    void aDryRunTouchesNothing() throws Exception {
        RestoreTarget.Place place = place();

        RestoreReport report = restore(backup(), place, Consent.NOT_GIVEN, Mode.DRY_RUN);

        assertHoldsNothing(place, "after a dry run");
        assertThat(report.steps()).as("what would be done").isNotEmpty();
        assertThat(report.checks()).as("checks of a dry run").isEmpty();
    }

    @Test
    void publishesNothingOfABackupThatBreaks() throws Exception {
        InMemoryBackup backup = backup();

        for (StoredArtifact each : backup.manifest().artifacts()) {
            RestoreTarget.Place place = place();
            Throwable thrown =
                    catchThrowable(() -> restore(backup.breaking(each), place, Consent.NOT_GIVEN, Mode.EXECUTE));
            assertThat(thrown)
                    .as("restore while the stream of %s breaks", each.key())
                    .isInstanceOf(BackupException.class);
            assertThat(((BackupException) thrown).kind())
                    .as(thrown.getMessage())
                    .isEqualTo(Kind.VERIFICATION);
            FailureTexts.assertTellsWhatToDo(thrown);
            assertHoldsNothing(place, "after the stream of " + each.key() + " broke");
        }
    }

    @Test
    void rehearsesInAScratchPlace() throws Exception {
        assumeThat(rehearsesHere()).as("rehearsesHere()").isTrue();
        Path directory = Files.createDirectories(temporary.resolve("rehearsal"));

        RestoreReport report = restore(backup(), new RestoreTarget.Scratch(directory), Consent.NOT_GIVEN, Mode.EXECUTE);

        assertThat(report.checks())
                .as("a rehearsal checks what it restored")
                .isNotEmpty()
                .noneMatch(check -> check.status() == Check.Status.FAILED);
    }

    // Freeing

    @Test
    void freeingWhatIsOutsideTheSinkMayBeRepeated() throws Exception {
        InMemoryBackup backup = backup();

        try (Source source = open()) {
            assertThatCode(() -> {
                        source.discard(backup, run);
                        source.discard(backup, run);
                        source.abandon(new RunId("dead0000"), List.of(), run);
                        source.abandon(new RunId("dead0000"), backup.manifest().external(), run);
                    })
                    .doesNotThrowAnyException();
        }
    }

    // Secrets

    @Test
    void tellsNoSecret() throws Exception {
        assumeThat(configuredSecrets()).as("configuredSecrets()").isNotEmpty();
        List<String> told = new ArrayList<>();
        try (Source source = open()) {
            source.preflight(run).forEach(finding -> told.add("preflight: " + finding));
            source.inventory(run).forEach(item -> told.add("inventory: " + item));
            tell(
                    told,
                    "sink that fails",
                    () -> source.capture(failing(new SinkFailureException(new IOException("is full"))), run));
        }
        InMemoryBackup backup = backup();
        told.add("backup: " + backup.manifest());
        StoredArtifact damaged = artifactToDamage(backup.manifest().artifacts());
        RestoreTarget.Place place = place();
        try (Source source = open()) {
            tell(told, "verify", () -> source.verify(backup, Level.CONTENT, run));
            tell(told, "verify cut short", () -> source.verify(backup.cutShort(damaged), Level.CONTENT, run));
            tell(told, "restore that breaks", () -> source.restore(backup.breaking(damaged), request(place), run));
            tell(told, "restore", () -> source.restore(backup, request(place), run));
            tell(told, "restore to an occupied place", () -> source.restore(backup, request(place), run));
        }
        Optional<Source> breaking = newSourceThatBreaksOff(new TestProviderContext(scratch));
        if (breaking.isPresent()) {
            try (Source source = breaking.get()) {
                tell(told, "capture that breaks off", () -> source.capture(new InMemoryArtifacts(), run));
            }
        }
        run.warnings().forEach(warning -> told.add("warning: " + warning));
        run.phases().forEach(phase -> told.add("phase: " + phase));
        run.progress().forEach(progress -> told.add("progress: " + progress));

        assertThat(told).allSatisfy(text -> assertThat(text).doesNotContain(configuredSecrets()));
    }

    @Test
    void givesNoSecretToTheArgumentsOfAProcess() throws Exception {
        assumeThat(configuredSecrets()).as("configuredSecrets()").isNotEmpty();
        assumeThat(ProcessArguments.areShown())
                .as("the arguments of processes can be read in /proc")
                .isTrue();
        RestoreTarget.Place place = place();
        try (ProcessArguments arguments = ProcessArguments.watched()) {
            var written = new InMemoryArtifacts(arguments::look);
            InMemoryBackup backup = InMemoryBackup.of(written, capture(written), run, "contract");
            try (Source source = open()) {
                source.verify(backup, Level.CONTENT, run);
            }
            restore(backup, place, Consent.NOT_GIVEN, Mode.EXECUTE);

            assertThat(arguments.seen())
                    .allSatisfy(command -> assertThat(command).doesNotContain(configuredSecrets()));
        }
    }

    private static void tell(List<String> told, String what, Callable<?> work) throws InterruptedException {
        try {
            told.add(what + ": " + work.call());
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            FailureTexts.of(e).forEach(text -> told.add(what + ": " + text));
        }
    }

    // Vocabulary of the tests

    private RestoreTarget.Place place() throws Exception {
        RestoreTarget.Place cleared = places.free.poll();
        RestoreTarget.Place place = cleared == null ? freshPlace() : cleared;
        used.add(place);
        return place;
    }

    private void assertHoldsNothing(RestoreTarget.Place place, String when) throws Exception {
        assertThat(holdsNothing(place)).as("holdsNothing(%s) %s", place, when).isTrue();
    }

    private RestoreRequest request(RestoreTarget target) {
        return new RestoreRequest(target, List.of(), restoreOptions(), Consent.NOT_GIVEN, Mode.EXECUTE);
    }

    private Source open() throws Exception {
        return newSource(new TestProviderContext(scratch));
    }

    private CaptureReport capture(ArtifactWriter out) throws Exception {
        try (Source source = open()) {
            return source.capture(out, run);
        }
    }

    private InMemoryBackup backup() throws Exception {
        var written = new InMemoryArtifacts();
        return InMemoryBackup.of(written, capture(written), run, "contract");
    }

    private RestoreReport restore(BackupReader backup, RestoreTarget target, Consent consent, Mode mode)
            throws Exception {
        RunContext context = new TestRunContext();
        try (Source source = open()) {
            return source.restore(
                    backup, new RestoreRequest(target, List.of(), restoreOptions(), consent, mode), context);
        }
    }

    private static List<String> doneItems(List<ItemResult> items) {
        return items.stream()
                .filter(item -> item.status() == ItemResult.Status.DONE)
                .map(ItemResult::item)
                .toList();
    }

    private static void assertRefused(Throwable thrown) {
        assertThat(thrown).as("refusal of the restore").isInstanceOf(BackupException.class);
        assertThat(((BackupException) thrown).kind()).as(thrown.getMessage()).isEqualTo(Kind.CONFIG);
        FailureTexts.assertTellsWhatToDo(thrown);
    }

    private static void assertStopped(@Nullable Throwable thrown) {
        if (thrown == null) {
            fail("the capture went on");
        }
        assertThat(thrown)
                .as("a capture that was asked to stop")
                .isInstanceOfAny(InterruptedException.class, InterruptedIOException.class);
    }
}
