package cloud.lvs.backup.runner.testing;

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
import cloud.lvs.backup.spi.Omission;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Each file of a directory is an item; a file named {@code broken} fails, {@code slow} waits to be interrupted;
 * {@code slowly} does so when it is restored. */
final class NotesSource implements Source {
    private final NotesProvider.Config config;

    private final ProviderContext context;

    NotesSource(NotesProvider.Config config, ProviderContext context) {
        this.config = config;
        this.context = context;
        Secret token = config.token();
        if (token != null) {
            context.redact(token.reveal());
        }
    }

    @Override
    public List<Finding> preflight(RunContext run) throws IOException {
        if (Files.isDirectory(config.directory())) {
            return List.of();
        }
        Secret token = config.token();
        throw new BackupException(
                Kind.SOURCE,
                "notes in " + config.directory(),
                "are not there" + (token == null ? "" : ", token " + token.reveal()),
                "make the directory");
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException {
        return files().stream().map(file -> Item.selected(nameOf(file), null)).toList();
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        List<ItemResult> results = new ArrayList<>();
        Path copy = context.scratchDirectory().resolve("copy");
        for (Path file : files()) {
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
            String name = nameOf(file);
            if (name.equals("broken")) {
                results.add(ItemResult.failed(name, "cannot be read"));
                continue;
            }
            if (name.equals("slow")) {
                Files.copy(file, context.scratchDirectory().resolve("plain"));
                Files.writeString(config.directory().resolveSibling("waiting"), "yes");
                Thread.sleep(60_000);
            }
            run.progress(name, 0, Files.size(file));
            out.write(
                    new Artifact(name, "note", name, ".txt", results.size(), Sensitivity.ORDINARY, "> " + name),
                    body -> {
                        Files.copy(file, body);
                        return Map.of("bytes", Long.toString(Files.size(file)));
                    });
            results.add(ItemResult.done(name, Map.of()));
        }
        return new CaptureReport(results, Map.of("directory", "notes"));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(config.directory())) {
            return files.sorted().toList();
        }
    }

    private static String nameOf(Path file) {
        return file.getFileName().toString();
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            try (InputStream in = backup.open(artifact)) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                checks.add(
                        text.contains("wrong")
                                ? Check.failed("readable", artifact.item() + " says wrong")
                                : Check.passed("readable", artifact.item()));
            }
        }
        return new Verification(checks);
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        Path directory = directory(request.target());
        var options = (NotesProvider.RestoreOptions) request.options();
        List<ItemResult> results = new ArrayList<>();
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            if (!request.items().isEmpty() && !request.items().contains(artifact.item())) {
                continue;
            }
            if (!options.only().isEmpty() && !options.only().contains(artifact.item())) {
                results.add(ItemResult.skipped(artifact.item(), "not asked for"));
                continue;
            }
            if (request.mode() == RestoreRequest.Mode.EXECUTE) {
                if (artifact.item().equals("slowly")) {
                    Files.writeString(config.directory().resolveSibling("waiting"), directory.toString());
                    Thread.sleep(60_000);
                }
                run.phase("copy");
                Files.createDirectories(directory);
                Path note = directory.resolve(artifact.item());
                try (InputStream in = backup.open(artifact)) {
                    Files.copy(in, note);
                }
                checks.add(
                        Files.readString(note).contains("wrong")
                                ? Check.failed("a|note", artifact.item() + " says wrong")
                                : Check.passed("a|note", artifact.item()));
            }
            results.add(ItemResult.done(artifact.item(), Map.of()));
        }
        List<Omission> omissions = results.stream()
                .filter(result -> result.item().equals("torn"))
                .map(result -> new Omission(result.item(), "its last line", "is not to be read", ""))
                .toList();
        return new RestoreReport(
                results, List.of("wrote the notes to " + directory), checks, List.of("read them"), omissions);
    }

    private static Path directory(RestoreTarget target) throws BackupException {
        if (target instanceof RestoreTarget.Place place) {
            return Path.of(place.location());
        }
        if (target instanceof RestoreTarget.Scratch scratch) {
            return scratch.directory();
        }
        throw new BackupException(Kind.CONFIG, "notes", "restore only into a place", "use --to DIRECTORY");
    }

    @Override
    public void close() {}
}
