package cloud.lvs.backup.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
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
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every {@link Source} promises; each provider's tests extend it, third-party ones included.
 *
 * <p>What {@link #newSource} reads stays the same during a test.
 */
@Timeout(300)
public abstract class SourceContract {
    @TempDir
    Path temporary = Path.of("");

    private Path scratch = Path.of("");
    private final TestRunContext run = new TestRunContext();

    /** A source over something healthy that holds at least one item to capture; may be called several times a test. */
    protected abstract Source newSource(ProviderContext context) throws Exception;

    /** A place to restore to that holds nothing; another one at each call. */
    protected abstract RestoreTarget.Place freshPlace() throws Exception;

    /** Whether a place holds nothing, not even a part of a restore. */
    protected abstract boolean holdsNothing(RestoreTarget.Place place) throws Exception;

    /** Fails if a place does not hold what the source held. */
    protected abstract void assertRestored(RestoreTarget.Place place) throws Exception;

    /** What goes into {@link RestoreRequest#options()}: the defaults of the provider's restore type. */
    protected abstract Record restoreOptions();

    /** The artifact whose loss of its second half must show: one of those captured; by default the largest. */
    protected StoredArtifact artifactToDamage(List<StoredArtifact> captured) {
        return captured.stream()
                .max(Comparator.comparingLong(StoredArtifact::plainBytes))
                .orElseThrow();
    }

    /** Whether what a rehearsal needs is there; if not, it is skipped. */
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

    // Looking

    @Test
    void preflightFindsNoErrorInAHealthySource() throws Exception {
        try (Source source = open()) {
            assertThat(source.preflight(run))
                    .noneMatch(finding -> finding.severity() == Finding.Severity.ERROR)
                    .allSatisfy(finding -> assertThat(finding.problem()).isNotBlank());
        }
    }

    @Test
    void inventoryNamesEachItemOnce() throws Exception {
        try (Source source = open()) {
            List<Item> items = source.inventory(run);

            assertThat(items).extracting(Item::id).doesNotHaveDuplicates();
            assertThat(items).anyMatch(item -> item.state() == Item.State.SELECTED);
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

        assertThat(written.sizes()).isNotEmpty();
        assertThat(written.sizes().values())
                .allSatisfy(bytes -> assertThat(bytes).isPositive());
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
                .extracting(ItemResult::item)
                .containsExactlyInAnyOrderElementsOf(
                        inventory.stream().map(Item::id).toList());
        for (Item item : inventory) {
            assertThat(report.items())
                    .filteredOn(result -> result.item().equals(item.id()))
                    .as(item.id())
                    .allMatch(result ->
                            (result.status() == ItemResult.Status.DONE) == (item.state() == Item.State.SELECTED));
        }
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

        assertThat(written.artifacts()).extracting(Artifact::ordinal).doesNotHaveDuplicates();
        assertThat(written.artifacts())
                .extracting(artifact -> artifact.item() + " " + artifact.role())
                .doesNotHaveDuplicates();
    }

    @Test
    void captureIsRepeatable() throws Exception {
        var first = new InMemoryArtifacts();
        var second = new InMemoryArtifacts();

        CaptureReport one = capture(first);
        CaptureReport two = capture(second);

        assertThat(doneItems(two.items())).containsExactlyInAnyOrderElementsOf(doneItems(one.items()));
        assertThat(two.source()).isEqualTo(one.source());
        assertThat(second.artifacts()).isEqualTo(first.artifacts());
    }

    @Test
    void aFailureOfTheSinkIsNotTakenForSuccess() throws Exception {
        BackupException full = new BackupException(Kind.SINK, "sink", "is full", "free space");
        ArtifactWriter failing = new ArtifactWriter() {
            @Override
            public StoredArtifact write(Artifact artifact, Body body) throws IOException {
                throw full;
            }

            @Override
            public void intend(ExternalReference reference) {}
        };
        try (Source source = open()) {
            CaptureReport report;
            try {
                report = source.capture(failing, run);
            } catch (IOException e) {
                assertThat(e).as("told as it came").isSameAs(full);
                return;
            }
            assertThat(report.items()).noneMatch(item -> item.status() == ItemResult.Status.DONE);
        }
    }

    // Stopping

    @Test
    void anInterruptedThreadCapturesNothing() throws Exception {
        var written = new InMemoryArtifacts();
        try (Source source = open()) {
            Thread.currentThread().interrupt();
            assertStopped(catchThrowable(() -> source.capture(written, run)));
        }
        assertThat(written.sizes()).isEmpty();
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
    void aCancelledRunCapturesNothing() throws Exception {
        var written = new InMemoryArtifacts();
        run.cancel();

        try (Source source = open()) {
            assertStopped(catchThrowable(() -> source.capture(written, run)));
        }
        assertThat(written.sizes()).isEmpty();
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

        try (Source source = open()) {
            Verification verification = source.verify(backup, Level.CONTENT, run);

            assertThat(verification.passed()).as(verification.toString()).isTrue();
            assertThat(verification.checks())
                    .allSatisfy(check -> assertThat(check.name()).isNotBlank());
        }
    }

    @Test
    void noticesAnArtifactCutShort() throws Exception {
        InMemoryBackup backup = backup();
        StoredArtifact damaged = artifactToDamage(backup.manifest().artifacts());

        assertFails(backup.cutShort(damaged));
    }

    @Test
    void noticesAStreamThatBreaks() throws Exception {
        InMemoryBackup backup = backup();

        for (StoredArtifact each : backup.manifest().artifacts()) {
            assertFails(backup.breaking(each));
        }
    }

    private void assertFails(BackupReader damaged) throws Exception {
        try (Source source = open()) {
            Verification verification = source.verify(damaged, Level.CONTENT, run);

            assertThat(verification.passed()).as(verification.toString()).isFalse();
        } catch (BackupException e) {
            assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.VERIFICATION);
        }
    }

    // Restoring

    @Test
    void restoresToAFreshPlace() throws Exception {
        InMemoryBackup backup = backup();
        RestoreTarget.Place place = freshPlace();

        RestoreReport report = restore(backup, place, Consent.NOT_GIVEN, Mode.EXECUTE);

        assertRestored(place);
        assertThat(doneItems(report.items()))
                .containsExactlyInAnyOrderElementsOf(doneItems(backup.manifest().items()));
        assertThat(report.steps()).isNotEmpty();
        assertThat(report.checks()).noneMatch(check -> check.status() == Check.Status.FAILED);
    }

    @Test
    void restoresAnItemByItsId() throws Exception {
        InMemoryBackup backup = backup();
        String item = doneItems(backup.manifest().items()).get(0);
        RestoreTarget.Place place = freshPlace();

        try (Source source = open()) {
            RestoreReport report = source.restore(
                    backup,
                    new RestoreRequest(place, List.of(item), restoreOptions(), Consent.NOT_GIVEN, Mode.EXECUTE),
                    run);
            assertThat(doneItems(report.items())).containsExactly(item);
        }
        assertThat(holdsNothing(place)).isFalse();
    }

    @Test
    void refusesAnItemTheBackupDoesNotHold() throws Exception {
        InMemoryBackup backup = backup();
        RestoreTarget.Place place = freshPlace();

        try (Source source = open()) {
            Throwable thrown = catchThrowable(() -> source.restore(
                    backup,
                    new RestoreRequest(
                            place, List.of("no-such-item"), restoreOptions(), Consent.NOT_GIVEN, Mode.EXECUTE),
                    run));
            assertThat(thrown).isInstanceOf(BackupException.class).hasStackTraceContaining("no-such-item");
        }
        assertThat(holdsNothing(place)).isTrue();
    }

    @Test
    void refusesAnOccupiedPlaceWithoutConsent() throws Exception {
        InMemoryBackup backup = backup();
        RestoreTarget.Place place = freshPlace();
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
        RestoreTarget.Place place = freshPlace();

        RestoreReport report = restore(backup(), place, Consent.NOT_GIVEN, Mode.DRY_RUN);

        assertThat(holdsNothing(place)).isTrue();
        assertThat(report.steps()).as("what would be done").isNotEmpty();
        assertThat(report.checks()).isEmpty();
    }

    @Test
    void publishesNothingOfABackupThatBreaks() throws Exception {
        InMemoryBackup backup = backup();

        for (StoredArtifact each : backup.manifest().artifacts()) {
            RestoreTarget.Place place = freshPlace();
            Throwable thrown =
                    catchThrowable(() -> restore(backup.breaking(each), place, Consent.NOT_GIVEN, Mode.EXECUTE));
            assertThat(thrown).as(each.role()).isInstanceOf(BackupException.class);
            assertThat(((BackupException) thrown).kind()).isEqualTo(Kind.VERIFICATION);
            assertThat(holdsNothing(place))
                    .as("after " + each.role() + " broke")
                    .isTrue();
        }
    }

    @Test
    void rehearsesInAScratchPlace() throws Exception {
        assumeThat(rehearsesHere()).isTrue();
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

    // Vocabulary of the tests

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
        assertThat(thrown).isInstanceOf(BackupException.class);
        assertThat(((BackupException) thrown).kind()).as(thrown.getMessage()).isEqualTo(Kind.CONFIG);
        assertThat(((BackupException) thrown).remedy()).isNotBlank();
    }

    private static void assertStopped(Throwable thrown) {
        if (thrown == null) {
            fail("the capture went on");
        }
        assertThat(thrown).isInstanceOfAny(InterruptedException.class, InterruptedIOException.class);
    }
}
