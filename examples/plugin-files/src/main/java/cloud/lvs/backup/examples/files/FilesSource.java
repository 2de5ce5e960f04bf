package cloud.lvs.backup.examples.files;

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
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of one directory, each an item of its own. There is no snapshot under them: a file that changes while it is read
 * fails, the others are kept.
 */
final class FilesSource implements Source {
    private static final String ROLE = "file";
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int LONGEST_STEM = 300;

    private final Path directory;
    private final PathMatcher include;

    FilesSource(FilesConfig config) {
        this.directory = config.directory();
        this.include = directory.getFileSystem().getPathMatcher("glob:" + config.include());
    }

    // tag::looking[]
    @Override
    public List<Finding> preflight(RunContext run) {
        if (Files.isDirectory(directory) && Files.isReadable(directory)) {
            return List.of();
        }
        return List.of(new Finding(
                Finding.Severity.ERROR,
                "directory " + directory,
                "is not there or cannot be read",
                "correct the source's directory, or let this user read it"));
    }

    @Override
    public List<Item> inventory(RunContext run) throws IOException, InterruptedException {
        List<Item> items = new ArrayList<>();
        for (Path path : entries()) {
            run.checkpoint();
            String name = path.getFileName().toString();
            BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!file.isRegularFile()) {
                items.add(Item.excluded(name, "is not a regular file"));
            } else if (!include.matches(path.getFileName())) {
                items.add(Item.excluded(name, "does not match include"));
            } else if (file.size() == 0) {
                items.add(Item.excluded(name, "is empty"));
            } else {
                items.add(Item.selected(name, file.size()));
            }
        }
        return items;
    }
    // end::looking[]

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    // tag::capture[]
    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        List<ItemResult> results = new ArrayList<>();
        int ordinal = 0;
        for (Item item : run.inventory().isEmpty() ? inventory(run) : run.inventory()) {
            run.checkpoint();
            results.add(
                    item.state() == Item.State.SELECTED
                            ? out.capture(item, describe(item.id(), ordinal++), body -> copy(item.id(), body, run))
                            : ItemResult.skipped(item.id(), item.reason()));
        }
        return new CaptureReport(results, Map.of("directory", directory.toString()));
    }

    private static Artifact describe(String name, int ordinal) {
        return Artifact.of(name, ROLE)
                .withStem(stem(name, ordinal))
                .withOrdinal(ordinal)
                .withRestoreTail("> " + quoted(name));
    }

    private Map<String, String> copy(String name, OutputStream out, RunContext run)
            throws IOException, InterruptedException {
        Path path = directory.resolve(name);
        BasicFileAttributes before = attributes(path);
        long copied = 0;
        // Not Files.newInputStream: its channel closes when the thread is interrupted, run.checkpoint() says so
        // properly.
        try (InputStream in = open(path)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = read(in, buffer, path); read >= 0; read = read(in, buffer, path)) {
                run.checkpoint();
                out.write(buffer, 0, read);
                copied += read;
                run.progress(name, copied, before.size());
            }
        }
        BasicFileAttributes after = attributes(path);
        if (copied != before.size() || !after.lastModifiedTime().equals(before.lastModifiedTime())) {
            throw unreadable(path, "changed while it was read", null);
        }
        return Map.of("bytes", Long.toString(copied));
    }
    // end::capture[]

    private static BasicFileAttributes attributes(Path path) throws BackupException {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw unreadable(path, "is gone", e);
        }
    }

    private static InputStream open(Path path) throws BackupException {
        try {
            return new FileInputStream(path.toFile());
        } catch (IOException e) {
            throw unreadable(path, "cannot be opened", e);
        }
    }

    private static int read(InputStream in, byte[] buffer, Path path) throws BackupException {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            throw unreadable(path, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static BackupException unreadable(Path path, String problem, @Nullable Throwable cause) {
        return new BackupException(Kind.SOURCE, "file " + path, problem, "let it be, and run again", cause);
    }

    // tag::verify[]
    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            long bytes = read(backup, artifact, OutputStream.nullOutputStream(), run);
            String expected = artifact.facts().get("bytes");
            checks.add(
                    Long.toString(bytes).equals(expected)
                            ? Check.passed("size of " + artifact.item(), bytes + " bytes")
                            : Check.failed("size of " + artifact.item(), bytes + " bytes, not " + expected));
        }
        return new Verification(checks);
    }
    // end::verify[]

    private static long read(BackupReader backup, StoredArtifact artifact, OutputStream out, RunContext run)
            throws IOException, InterruptedException {
        long bytes = 0;
        try (InputStream in = backup.open(artifact)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                run.checkpoint();
                out.write(buffer, 0, read);
                bytes += read;
            }
        }
        return bytes;
    }

    // tag::restore[]
    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        Path target = targetOf(request.target());
        List<StoredArtifact> wanted = wanted(backup, request.items());
        List<ItemResult> items = wanted.stream()
                .map(artifact -> ItemResult.done(artifact.item(), artifact.facts()))
                .toList();
        List<String> steps = List.of("write " + wanted.size() + " files to " + target);
        if (request.mode() == RestoreRequest.Mode.DRY_RUN) {
            return new RestoreReport(items, steps, List.of(), List.of());
        }
        List<Check> checks = write(backup, wanted, target, run);
        return new RestoreReport(items, steps, checks, List.of());
    }

    /** Everything is read, and so checked, into a directory of its own before the first file gets its name. */
    private static List<Check> write(BackupReader backup, List<StoredArtifact> wanted, Path target, RunContext run)
            throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        boolean existed = Files.exists(target);
        Files.createDirectories(target);
        Path staging = Files.createTempDirectory(target, ".restoring-");
        boolean published = false;
        try {
            for (StoredArtifact artifact : wanted) {
                try (OutputStream out = Files.newOutputStream(nameIn(staging, artifact))) {
                    long bytes = read(backup, artifact, out, run);
                    checks.add(Check.passed("size of " + artifact.item(), bytes + " bytes"));
                }
            }
            for (StoredArtifact artifact : wanted) {
                Files.move(nameIn(staging, artifact), nameIn(target, artifact));
            }
            published = true;
        } finally {
            remove(staging);
            if (!published && !existed) {
                Files.deleteIfExists(target);
            }
        }
        return checks;
    }
    // end::restore[]

    /** An item's id comes from a manifest, and whoever can write the bucket can write that: it may only be a name. */
    private static Path nameIn(Path directory, StoredArtifact artifact) throws BackupException {
        Path path = directory.resolve(artifact.item());
        if (!directory.equals(path.getParent()) || !path.normalize().equals(path)) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "item '" + artifact.item() + "'",
                    "is not the name of a file",
                    "find out who wrote this backup");
        }
        return path;
    }

    private static void remove(Path staging) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(staging)) {
            for (Path each : left) {
                Files.delete(each);
            }
        }
        Files.delete(staging);
    }

    private static Path targetOf(RestoreTarget target) throws IOException {
        if (target instanceof RestoreTarget.Place place) {
            return requireEmpty(Path.of(place.location()));
        }
        if (target instanceof RestoreTarget.Scratch scratch) {
            return requireEmpty(scratch.directory());
        }
        throw new BackupException(
                Kind.CONFIG, "source files", "restores to an empty directory only", "name one with --to");
    }

    private static Path requireEmpty(Path target) throws IOException {
        if (Files.exists(target)) {
            try (Stream<Path> entries = Files.list(target)) {
                if (entries.findAny().isPresent()) {
                    throw new BackupException(
                            Kind.CONFIG, "directory " + target, "is not empty", "restore to an empty one");
                }
            }
        }
        return target;
    }

    private static List<StoredArtifact> wanted(BackupReader backup, List<String> items) throws BackupException {
        List<StoredArtifact> artifacts = backup.manifest().artifacts();
        for (String item : items) {
            if (artifacts.stream().noneMatch(artifact -> artifact.item().equals(item))) {
                throw new BackupException(
                        Kind.CONFIG, "item " + item, "is not in this backup", "see the show command for its items");
            }
        }
        return artifacts.stream()
                .filter(artifact -> items.isEmpty() || items.contains(artifact.item()))
                .toList();
    }

    /** A file's name with everything but letters, digits, dot, dash and underscore written as {@code %XX}. */
    private static String stem(String name, int ordinal) {
        StringBuilder stem = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            boolean plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_';
            boolean inside = stem.length() > 0 && (b == '.' || b == '-');
            stem.append(plain || inside ? String.valueOf((char) b) : String.format("%%%02X", b));
        }
        return stem.length() <= LONGEST_STEM ? stem.toString() : stem.substring(0, LONGEST_STEM) + "-" + ordinal;
    }

    private static String quoted(String name) {
        return "'" + name.replace("'", "'\\''") + "'";
    }

    /** Holds nothing open. */
    @Override
    public void close() {}
}
