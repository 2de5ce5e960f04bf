package cloud.lvs.backup.kit;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A small source for the kit's own tests: named notes, each ended by a full stop; with flaws on demand. */
final class NotesSource implements Source {
    /** Ways to break a promise. */
    enum Flaw {
        REPORTS_AN_ERROR_THAT_IS_NONE,
        FORGETS_AN_ITEM,
        SKIPS_WHAT_CANNOT_BE_READ,
        SKIPS_WHAT_IT_WAS_TOLD_CANNOT_BE_REACHED,
        WRITES_NOTHING,
        REUSES_AN_ORDINAL,
        IGNORES_CANCELLATION,
        SWALLOWS_INTERRUPTS,
        MAKES_A_FAILED_ITEM_OF_AN_INTERRUPT,
        WAITS_FOR_A_SILENT_PRODUCER,
        LEAVES_A_PROCESS_BEHIND,
        TELLS_NO_REMEDY,
        LEAVES_SCRATCH_FILES,
        CHECKS_NOTHING,
        PUBLISHES_BEFORE_THE_END,
        IGNORES_CONSENT,
        RESTORES_IN_A_DRY_RUN,
        RESTORES_UNKNOWN_ITEMS,
        TAKES_A_BROKEN_SINK_FOR_SUCCESS,
        BREAKS_WHEN_CLOSED_TWICE,
        TAKES_A_BROKEN_PRODUCER_FOR_A_WHOLE_ONE,
        TELLS_ITS_PASSWORD_IN_A_REPORT,
        TELLS_ITS_PASSWORD_IN_A_KEY,
        TELLS_ITS_PASSWORD_IN_A_FAILURE,
        TELLS_ITS_PASSWORD_IN_ARGUMENTS
    }

    static final String PASSWORD = "correct-horse-battery";

    private final Map<String, String> notes;
    private final Path scratch;
    private final Set<Flaw> flaws;
    private boolean breaksOff;
    private boolean fallsSilent;
    private boolean closed;

    NotesSource(Map<String, String> notes, Path scratch, Set<Flaw> flaws) {
        this.notes = new TreeMap<>(notes);
        this.scratch = scratch;
        this.flaws = flaws;
    }

    /** Breaks off half-way through each note. */
    NotesSource breakingOff() {
        breaksOff = true;
        return this;
    }

    /** Its notes come from a program that says nothing. */
    NotesSource fallingSilent() {
        fallsSilent = true;
        return this;
    }

    @Override
    public List<Finding> preflight(RunContext run) {
        return flaws.contains(Flaw.REPORTS_AN_ERROR_THAT_IS_NONE)
                ? List.of(new Finding(Finding.Severity.ERROR, "notes", "nothing wrong", ""))
                : List.of();
    }

    @Override
    public List<Item> inventory(RunContext run) {
        List<Item> items = new ArrayList<>();
        notes.forEach((name, text) -> items.add(Item.selected(name, (long) text.length())));
        items.add(Item.excluded("drafts", "not worth keeping"));
        items.add(Item.unreachable("diary", "is locked"));
        return items;
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        List<ItemResult> results = new ArrayList<>();
        int ordinal = 0;
        for (Map.Entry<String, String> note : notes.entrySet()) {
            if (flaws.contains(Flaw.SKIPS_WHAT_IT_WAS_TOLD_CANNOT_BE_REACHED) && isUnreachable(note.getKey(), run)) {
                results.add(ItemResult.skipped(note.getKey(), "cannot be reached"));
                continue;
            }
            Path copy = Files.writeString(scratch.resolve(note.getKey()), note.getValue());
            try {
                if (!flaws.contains(Flaw.IGNORES_CANCELLATION)) {
                    run.checkpoint();
                }
                Artifact artifact = new Artifact(
                        note.getKey(),
                        "note",
                        "note-" + note.getKey()
                                + (flaws.contains(Flaw.TELLS_ITS_PASSWORD_IN_A_KEY) ? "-" + PASSWORD : ""),
                        ".txt",
                        flaws.contains(Flaw.REUSES_AN_ORDINAL) ? 0 : ordinal++,
                        Sensitivity.ORDINARY,
                        "> " + note.getKey() + ".txt");
                if (!flaws.contains(Flaw.WRITES_NOTHING)) {
                    write(out, artifact, copy);
                }
                results.add(ItemResult.done(note.getKey(), Map.of()));
            } catch (InterruptedException e) {
                if (!flaws.contains(Flaw.MAKES_A_FAILED_ITEM_OF_AN_INTERRUPT)) {
                    throw e;
                }
                results.add(ItemResult.failed(note.getKey(), "was interrupted"));
            } finally {
                if (!flaws.contains(Flaw.LEAVES_SCRATCH_FILES)) {
                    Files.deleteIfExists(copy);
                }
            }
        }
        if (!flaws.contains(Flaw.FORGETS_AN_ITEM)) {
            results.add(ItemResult.skipped("drafts", "not worth keeping"));
        }
        results.add(
                flaws.contains(Flaw.SKIPS_WHAT_CANNOT_BE_READ)
                        ? ItemResult.skipped("diary", "is locked")
                        : ItemResult.failed("diary", "is locked"));
        String password = flaws.contains(Flaw.TELLS_ITS_PASSWORD_IN_A_REPORT) ? PASSWORD : "***";
        return new CaptureReport(results, Map.of("notes", notes.size() + " by password " + password));
    }

    private static boolean isUnreachable(String name, RunContext run) {
        return run.inventory().stream()
                .anyMatch(item -> item.id().equals(name) && item.state() == Item.State.UNREACHABLE);
    }

    private void write(ArtifactWriter out, Artifact artifact, Path copy) throws IOException, InterruptedException {
        try {
            out.write(artifact, body -> {
                byte[] note = Files.readAllBytes(copy);
                if (flaws.contains(Flaw.LEAVES_A_PROCESS_BEHIND)) {
                    new ProcessBuilder("sleep", "30").start();
                }
                if (fallsSilent) {
                    waitForASilentProcess();
                } else if (breaksOff) {
                    body.write(note, 0, note.length / 2);
                    if (!flaws.contains(Flaw.TAKES_A_BROKEN_PRODUCER_FOR_A_WHOLE_ONE)) {
                        throw new BackupException(
                                Kind.SOURCE,
                                "note",
                                "broke off",
                                flaws.contains(Flaw.TELLS_NO_REMEDY) ? "" : "run again");
                    }
                } else if (flaws.contains(Flaw.TELLS_ITS_PASSWORD_IN_ARGUMENTS)) {
                    writeByProcess(note, body);
                } else {
                    for (byte b : note) {
                        body.write(b);
                    }
                }
                return Map.of();
            });
        } catch (InterruptedException | InterruptedIOException e) {
            if (!flaws.contains(Flaw.SWALLOWS_INTERRUPTS)) {
                throw e;
            }
            Thread.interrupted();
        } catch (IOException e) {
            if (!flaws.contains(Flaw.TAKES_A_BROKEN_SINK_FOR_SUCCESS)) {
                throw e;
            }
        }
    }

    private void waitForASilentProcess() throws IOException, InterruptedException {
        Process silent = new ProcessBuilder("sleep", "100").start();
        if (flaws.contains(Flaw.WAITS_FOR_A_SILENT_PRODUCER)) {
            silent.getInputStream().readAllBytes();
        }
        try {
            silent.waitFor();
        } finally {
            silent.destroy();
        }
    }

    /** The process lives until its bytes were passed on. */
    private static void writeByProcess(byte[] note, OutputStream body) throws IOException, InterruptedException {
        Process cat = new ProcessBuilder("sh", "-c", "cat; exit 0", PASSWORD).start();
        try (OutputStream in = cat.getOutputStream()) {
            in.write(note);
            in.flush();
            body.write(cat.getInputStream().readNBytes(note.length));
        }
        cat.waitFor();
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        if (flaws.contains(Flaw.CHECKS_NOTHING)) {
            return new Verification(List.of(Check.passed("trust", "surely")));
        }
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            checks.add(check(artifact.item(), read(backup, artifact)));
        }
        return new Verification(checks);
    }

    private static Check check(String item, String text) {
        return text.endsWith(".") ? Check.passed(item, "ends well") : Check.failed(item, "has no end");
    }

    private static String read(BackupReader backup, StoredArtifact artifact) throws IOException, InterruptedException {
        try (InputStream in = backup.open(artifact)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        boolean careless = flaws.contains(Flaw.IGNORES_CONSENT);
        Path directory;
        if (request.target() instanceof RestoreTarget.Place place) {
            directory = Path.of(place.location());
        } else if (request.target() instanceof RestoreTarget.Scratch rehearsal) {
            directory = rehearsal.directory().resolve("notes");
        } else if (careless) {
            return new RestoreReport(List.of(), List.of("replaced all"), List.of(), List.of());
        } else {
            throw new BackupException(Kind.CONFIG, "notes", "cannot be restored in place", "name a place");
        }
        if (Files.exists(directory) && !careless) {
            String remedy = "name another place"
                    + (flaws.contains(Flaw.TELLS_ITS_PASSWORD_IN_A_FAILURE) ? " for " + PASSWORD : "");
            throw new BackupException(Kind.CONFIG, directory.toString(), "is there already", remedy);
        }
        List<StoredArtifact> wanted = backup.manifest().artifacts().stream()
                .filter(artifact -> request.items().isEmpty() || request.items().contains(artifact.item()))
                .toList();
        for (String item : request.items()) {
            if (wanted.stream().noneMatch(artifact -> artifact.item().equals(item))
                    && !flaws.contains(Flaw.RESTORES_UNKNOWN_ITEMS)) {
                throw new BackupException(Kind.NOT_FOUND, "item " + item, "is not in the backup", "see what is");
            }
        }
        List<String> steps = List.of("write " + wanted.size() + " notes to " + directory);
        if (request.mode() == RestoreRequest.Mode.DRY_RUN && !flaws.contains(Flaw.RESTORES_IN_A_DRY_RUN)) {
            return new RestoreReport(List.of(), steps, List.of(), List.of());
        }
        return write(backup, wanted, directory, steps);
    }

    private RestoreReport write(BackupReader backup, List<StoredArtifact> wanted, Path directory, List<String> steps)
            throws IOException, InterruptedException {
        if (flaws.contains(Flaw.PUBLISHES_BEFORE_THE_END)) {
            Files.createDirectories(directory);
        }
        Map<String, String> texts = new TreeMap<>();
        for (StoredArtifact artifact : wanted) {
            texts.put(artifact.item(), read(backup, artifact));
        }
        Files.createDirectories(directory);
        List<ItemResult> results = new ArrayList<>();
        List<Check> checks = new ArrayList<>();
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Files.writeString(directory.resolve(text.getKey()), text.getValue());
            results.add(ItemResult.done(text.getKey(), Map.of()));
            checks.add(check(text.getKey(), text.getValue()));
        }
        return new RestoreReport(results, steps, checks, List.of());
    }

    @Override
    public void close() {
        if (closed && flaws.contains(Flaw.BREAKS_WHEN_CLOSED_TWICE)) {
            throw new IllegalStateException("closed already");
        }
        closed = true;
    }
}
