package cloud.lvs.backup.core;

import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A source of named notes, one artifact each, that does as the test tells it. */
final class NotesSource implements Source {
    /** What the test tells it; shared by all sources of a job. */
    static final class Script {
        final Map<String, String> notes = new TreeMap<>(Map.of("a", "the first note", "b", "the second note"));
        final Map<String, String> failing = new TreeMap<>();
        final List<Item> furtherItems = new ArrayList<>();
        final List<String> unreported = new ArrayList<>();
        final List<Finding> findings = new ArrayList<>();

        final List<Finding> audit = new ArrayList<>();
        final List<ExternalReference> external = new ArrayList<>();
        final List<String> discarded = new ArrayList<>();
        final List<String> abandoned = new ArrayList<>();
        final List<String> unrestored = new ArrayList<>();
        final List<String> unread = new ArrayList<>();
        final List<Check> restoreChecks = new ArrayList<>(List.of(Check.passed("readable", "all of it")));
        final List<String> hidden = new ArrayList<>();
        final List<Omission> omissions = new ArrayList<>();
        Rehearsal rehearsal = (directory, run) -> {};
        final Map<String, String> source = new TreeMap<>(Map.of("author", "test"));
        final List<Optional<BackupId>> newest = new ArrayList<>();
        Sensitivity sensitivity = Sensitivity.ORDINARY;
        int opened;

        Source open() {
            opened++;
            return new NotesSource(this);
        }
    }

    /** What happens in a scratch directory before anything is restored there. */
    @FunctionalInterface
    interface Rehearsal {
        void begin(Path directory, RunContext run) throws IOException, InterruptedException;
    }

    private final Script script;

    private NotesSource(Script script) {
        this.script = script;
    }

    @Override
    public List<Finding> preflight(RunContext run) {
        return script.findings;
    }

    @Override
    public List<Finding> audit(RunContext run) {
        return script.audit;
    }

    @Override
    public List<Item> inventory(RunContext run) {
        List<Item> items = new ArrayList<>();
        script.notes.forEach((id, text) -> items.add(Item.selected(id, (long) text.length())));
        items.addAll(script.furtherItems);
        return items;
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        for (ExternalReference reference : script.external) {
            out.intend(reference);
        }
        script.newest.add(run.newest().map(Manifest::id));
        List<ItemResult> results = new ArrayList<>();
        int ordinal = 0;
        for (Map.Entry<String, String> note : script.notes.entrySet()) {
            String id = note.getKey();
            out.write(
                    new Artifact(id, "note", "note-" + id, ".txt", ordinal++, script.sensitivity, "> " + id + ".txt"),
                    body -> {
                        body.write(note.getValue().getBytes(StandardCharsets.UTF_8));
                        return Map.of("length", String.valueOf(note.getValue().length()));
                    });
            if (script.failing.containsKey(id)) {
                results.add(ItemResult.failed(id, script.failing.get(id)));
            } else if (!script.unreported.contains(id)) {
                results.add(ItemResult.done(id, Map.of()));
            }
        }
        return new CaptureReport(results, script.source);
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            String text = read(backup, artifact);
            checks.add(
                    text.contains("note")
                            ? Check.passed("a note " + artifact.item(), text.length() + " characters")
                            : Check.failed("a note " + artifact.item(), "it does not say so"));
        }
        return new Verification(checks);
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        boolean dry = request.mode() == RestoreRequest.Mode.DRY_RUN;
        Path directory = request.target() instanceof RestoreTarget.Scratch scratch
                ? scratch.directory()
                : Path.of(((RestoreTarget.Place) request.target()).location());
        if (!dry && request.target() instanceof RestoreTarget.Scratch) {
            script.rehearsal.begin(directory, run);
        }
        List<ItemResult> items = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            boolean wanted = request.items().isEmpty() || request.items().contains(artifact.item());
            if (!dry && wanted && !script.unrestored.contains(artifact.item())) {
                if (!script.unread.contains(artifact.item())) {
                    Files.writeString(directory.resolve(artifact.item()), read(backup, artifact));
                }
                items.add(ItemResult.done(artifact.item(), Map.of()));
            }
        }
        return new RestoreReport(
                items,
                List.of("write to a directory"),
                dry ? List.of() : script.restoreChecks,
                List.of(),
                script.omissions);
    }

    @Override
    public boolean mayHold(Manifest manifest, String item) {
        return script.hidden.contains(item);
    }

    private static String read(BackupReader backup, StoredArtifact artifact) throws IOException, InterruptedException {
        try (InputStream in = backup.open(artifact)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public List<Adoptable> adoptable(RunContext run) {
        return List.of(new Adoptable(
                "notes CronJob",
                List.of(
                        new Adoptable.Member(
                                "old",
                                "note",
                                Pattern.compile("\\d{4}/\\d{2}/note-(?<timestamp>\\d{8}T\\d{6}Z)\\.txt\\.gz"),
                                List.of("gzip"),
                                Adoptable.Presence.REQUIRED,
                                "> note.txt"),
                        new Adoptable.Member(
                                "old",
                                "key",
                                Pattern.compile("\\d{4}/\\d{2}/key-(?<timestamp>\\d{8}T\\d{6}Z)\\.gz"),
                                List.of("gzip"),
                                Adoptable.Presence.OPTIONAL,
                                "> key")),
                List.of(new Adoptable.Lookalike(
                        Pattern.compile("\\d{4}/\\d{2}/(note|key)-.*"), "it is not compressed"))));
    }

    @Override
    public void discard(BackupReader backup, RunContext run) {
        script.discarded.add(backup.manifest().id().toString());
    }

    @Override
    public void abandon(RunId dead, List<ExternalReference> intended, RunContext run) {
        script.abandoned.add(dead + " " + intended);
    }

    @Override
    public void close() {}
}
