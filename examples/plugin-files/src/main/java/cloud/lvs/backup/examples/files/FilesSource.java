package cloud.lvs.backup.examples.files;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import cloud.lvs.backup.toolkit.FileCapture;
import cloud.lvs.backup.toolkit.FileRestore;
import cloud.lvs.backup.toolkit.KeyStem;
import cloud.lvs.backup.toolkit.ShellWord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The files of one directory, each an item of its own; one that changes while it is read fails, the others are kept. */
final class FilesSource implements Source {
    private final Path directory;
    private final PathMatcher include;

    FilesSource(FilesConfig config) {
        this.directory = config.directory();
        this.include = directory.getFileSystem().getPathMatcher("glob:" + config.include());
    }

    // tag::looking[]
    @Override
    public List<Finding> preflight(RunContext run) {
        String remedy = "correct the source's directory, or let this user read it";
        var unreadable =
                new Finding(Finding.Severity.ERROR, "directory " + directory, "is not there or cannot be read", remedy);
        return Files.isDirectory(directory) && Files.isReadable(directory) ? List.of() : List.of(unreadable);
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        List<Item> items = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path path : entries.sorted().toList()) {
                run.checkpoint();
                items.add(itemOf(path));
            }
        }
        return items;
    }

    private Item itemOf(Path path) throws IOException {
        String name = path.getFileName().toString();
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!file.isRegularFile()) {
            return Item.excluded(name, "is not a regular file");
        }
        if (!include.matches(path.getFileName())) {
            return Item.excluded(name, "does not match include");
        }
        if (!Files.isReadable(path)) {
            return Item.unreachable(name, "cannot be read by this user");
        }
        return file.size() == 0 ? Item.excluded(name, "is empty") : Item.selected(name, file.size());
    }
    // end::looking[]

    // tag::capture[]
    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        List<ItemResult> results = new ArrayList<>();
        for (Item item : run.inventory().isEmpty() ? inventory(run) : run.inventory()) {
            run.checkpoint();
            Artifact artifact = Artifact.of(item.id(), "file")
                    .withStem(KeyStem.of(item.id()))
                    .withOrdinal(results.size())
                    .withRestoreTail("> " + ShellWord.quote(item.id()));
            Path file = directory.resolve(item.id());
            results.add(
                    switch (item.state()) {
                        case SELECTED ->
                            out.capture(item, artifact, body -> FileCapture.copy(file, body, item.id(), run));
                        case EXCLUDED -> ItemResult.skipped(item.id(), item.reason());
                        case UNREACHABLE -> ItemResult.failed(item.id(), item.reason());
                    });
        }
        return new CaptureReport(results, Map.of("directory", directory.toString()));
    }
    // end::capture[]

    // tag::restore[]
    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        return FileRestore.verify(backup, run);
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        return FileRestore.restore(backup, request, StoredArtifact::item, run);
    }
    // end::restore[]

    /** Holds nothing open. */
    @Override
    public void close() {}
}
