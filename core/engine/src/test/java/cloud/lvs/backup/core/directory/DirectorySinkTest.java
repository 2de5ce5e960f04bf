package cloud.lvs.backup.core.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.SinkProvider;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectorySinkTest {
    @TempDir
    Path parent = Path.of("");

    private Path root() {
        return parent.resolve("sink");
    }

    private DirectorySink sink() {
        return new DirectorySink(root());
    }

    // Files

    @Test
    void anObjectIsThePlainFileOfItsKeyForItsOwnerOnly() throws Exception {
        put("2026/11/x.db", "content");

        assertThat(root().resolve("2026/11/x.db")).hasContent("content");
        assertThat(mode("2026/11/x.db")).isEqualTo("rw-------");
        assertThat(mode("2026/11")).isEqualTo("rwx------");
        assertThat(mode("2026")).isEqualTo("rwx------");
        assertThat(mode("")).isEqualTo("rwx------");
        sink().createIfAbsent(new ObjectKey("lock/1"), new byte[] {1});
        assertThat(mode("lock/1")).isEqualTo("rw-------");
    }

    @Test
    void aDeletionRemovesTheDirectoriesItEmptiesButNotTheRoot() throws Exception {
        put("2026/11/a", "x");
        put("2026/12/b", "x");

        sink().delete(List.of(new ObjectKey("2026/11/a")));
        assertThat(root().resolve("2026/11")).doesNotExist();
        assertThat(root().resolve("2026/12/b")).exists();
        sink().delete(List.of(new ObjectKey("2026/12/b")));

        assertThat(root().resolve("2026")).doesNotExist();
        assertThat(root()).exists();
    }

    @Test
    void aRepeatedDeletionRemovesDirectoriesThatACrashLeftEmpty() throws Exception {
        Files.createDirectories(root().resolve("a/b/c"));

        sink().delete(List.of(new ObjectKey("a/b/c/object")));

        assertThat(root().resolve("a")).doesNotExist();
    }

    @Test
    void leftoversOfADeadProcessGoWithTheirKeyAndAreNeverListed() throws Exception {
        ObjectWriter dead = sink().create(new ObjectKey("2026/11/x.db"), Map.of());
        dead.body().write(1);
        ObjectWriter other = sink().create(new ObjectKey("2026/11/y.db"), Map.of());

        assertThat(keys("")).isEmpty();
        assertThat(keys(".lvs-staging/")).isEmpty();
        assertThat(sink().delete(List.of(new ObjectKey("2026/11/x.db"))).isComplete())
                .isTrue();

        assertThat(staged()).hasSize(1);
        assertThatThrownBy(dead::commit)
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("the unfinished write of 2026/11/x.db was discarded");
        other.close();
        assertThat(staged()).isEmpty();
    }

    @Test
    void aStagedFileCannotBeReachedAsAnObject() throws Exception {
        ObjectWriter writer = sink().create(new ObjectKey("x"), Map.of());
        writer.body().write(1);
        ObjectKey staged = new ObjectKey(".lvs-staging/" + staged().get(0).getFileName());

        assertThat(sink().stat(staged)).isEmpty();
        assertThatThrownBy(() -> sink().open(staged)).isInstanceOf(BackupException.class);
        assertThat(sink().delete(List.of(staged)).isComplete()).isTrue();
        assertThatThrownBy(() -> sink().create(staged, Map.of())).hasMessageContaining("reserved");
        assertThat(staged()).hasSize(1);
        writer.commit();
    }

    // Symbolic links and other strangers

    @Test
    void leavesTheRootThroughNoSymbolicLink() throws Exception {
        Path outside = parent.resolve("outside");
        Files.createDirectories(outside.resolve("empty"));
        Files.writeString(outside.resolve("secret"), "secret");
        put("real/a", "x");
        Files.createSymbolicLink(root().resolve("link"), outside);
        Files.createSymbolicLink(root().resolve("file"), outside.resolve("secret"));
        Files.createSymbolicLink(root().resolve("dangling"), parent.resolve("nowhere"));

        assertThat(keys("")).containsExactly("real/a");
        assertThat(keys("link/")).isEmpty();
        for (String key : List.of("link/secret", "file", "dangling")) {
            assertThat(sink().stat(new ObjectKey(key))).as(key).isEmpty();
            assertThat(catchThrowableOfType(BackupException.class, () -> sink().open(new ObjectKey(key)))
                            .kind())
                    .isEqualTo(Kind.NOT_FOUND);
            assertThat(sink().delete(List.of(new ObjectKey(key))).isComplete()).isTrue();
        }
        sink().delete(List.of(new ObjectKey("link/empty/x")));
        assertThatThrownBy(() -> put("link/new", "x"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("is a symbolic link, which is not followed");

        assertThat(outside.resolve("secret")).hasContent("secret");
        assertThat(outside.resolve("empty")).isDirectory();
        assertThat(outside.resolve("new")).doesNotExist();
    }

    @Test
    void anObjectReplacesALinkAndNotWhatItPointsTo() throws Exception {
        Path outside = Files.writeString(parent.resolve("outside"), "untouched");
        put("a", "x");
        Files.createSymbolicLink(root().resolve("b"), outside);

        put("b", "object");

        assertThat(outside).hasContent("untouched");
        assertThat(root().resolve("b")).isRegularFile().hasContent("object");
        assertThat(Files.isSymbolicLink(root().resolve("b"))).isFalse();
    }

    @Test
    void theRootItselfMayBeALink() throws Exception {
        Files.createDirectory(parent.resolve("disk"));
        Files.createSymbolicLink(root(), parent.resolve("disk"));

        put("a/b", "x");

        assertThat(parent.resolve("disk/a/b")).hasContent("x");
        assertThat(keys("")).containsExactly("a/b");
    }

    @Test
    void listsForeignFilesByAnyNameAndPassesOverWhatIsNoFile() throws Exception {
        put("a", "x");
        Files.writeString(root().resolve("new\nline"), "x");
        Files.writeString(root().resolve("back\\slash"), "x");
        Files.createDirectories(root().resolve("empty/directory"));
        Files.createDirectories(root().resolve("lost+found"));
        Files.writeString(root().resolve("lost+found/#12"), "x");
        new ProcessBuilder("mkfifo", root().resolve("pipe").toString()).start().waitFor();

        assertThat(keys("")).containsExactly("a", "back\\slash", "new\nline");
        assertThat(sink().stat(new ObjectKey("pipe"))).isEmpty();
    }

    @Test
    void aDirectoryIsNoObject() throws Exception {
        Files.createDirectories(root().resolve("a/b"));

        assertThat(sink().stat(new ObjectKey("a"))).isEmpty();
        assertThat(sink().delete(List.of(new ObjectKey("a"))).isComplete()).isTrue();
        assertThat(root().resolve("a/b")).isDirectory();
    }

    @Test
    void saysThatItCannotHoldAFileAndADirectoryOfOneName() throws Exception {
        put("a/b", "x");
        put("c", "x");

        assertThatThrownBy(() -> put("a", "x"))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.remedy()).contains("cannot hold both 'a' and 'a/b'"));
        assertThatThrownBy(() -> put("c/d", "x"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("not a directory");
        assertThatThrownBy(() -> sink().createIfAbsent(new ObjectKey("c/d"), new byte[1]))
                .isInstanceOf(BackupException.class);
        assertThat(keys("")).containsExactly("a/b", "c");
        assertThat(staged()).isEmpty();
    }

    // Order

    @Test
    void listsRandomTreesInTheOrderOfKeysNotOfDirectories() throws Exception {
        for (long seed = 0; seed < 40; seed++) {
            Path tree = Files.createDirectory(parent.resolve("tree" + seed));
            Random random = new Random(seed);
            List<String> keys = new ArrayList<>();
            for (int n = 0; n < 60; n++) {
                StringBuilder key = new StringBuilder();
                for (int length = 1 + random.nextInt(6); length > 0; length--) {
                    key.append("ab-./0~".charAt(random.nextInt(7)));
                }
                Path file = tree.resolve(key.toString());
                if (ObjectKey.isValid(key.toString()) && make(file)) {
                    keys.add(key.toString());
                }
            }
            Collections.sort(keys);
            for (String prefix : List.of("", "a", "a/", "b-", "a/b", ".", "-/")) {
                try (Stream<StoredObject> listing = new DirectorySink(tree).list(prefix)) {
                    assertThat(listing.map(StoredObject::key))
                            .as("seed %d, prefix '%s'", seed, prefix)
                            .containsExactlyElementsOf(keys.stream()
                                    .filter(key -> key.startsWith(prefix))
                                    .toList());
                }
            }
        }
    }

    private static boolean make(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.createFile(file);
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    // What goes wrong

    @Test
    void aMissingRootReadsAsEmptyAndIsMadeByTheFirstWrite() throws Exception {
        assertThat(keys("")).isEmpty();
        assertThat(sink().stat(new ObjectKey("a"))).isEmpty();
        assertThat(sink().delete(List.of(new ObjectKey("a"))).isComplete()).isTrue();
        assertThat(root()).doesNotExist();

        put("a", "x");

        assertThat(root().resolve("a")).hasContent("x");
    }

    @Test
    void doesNotInventTheDirectoryAboveTheRoot() {
        DirectorySink lost = new DirectorySink(parent.resolve("not-mounted/sink"));

        assertThatThrownBy(() -> lost.create(new ObjectKey("a"), Map.of()))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.SINK);
                    assertThat(e.target()).isEqualTo("directory " + parent.resolve("not-mounted/sink"));
                    assertThat(e.problem()).contains("does not exist");
                    assertThat(e.remedy()).contains("mount");
                });
        assertThat(parent.resolve("not-mounted")).doesNotExist();
    }

    @Test
    void aRootThatIsAFileIsAnErrorEverywhere() throws Exception {
        Files.writeString(root(), "a file");

        assertThatThrownBy(() -> keys(""))
                .isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(BackupException.class)
                .hasMessageContaining("is not a directory");
        assertThatThrownBy(() -> put("a", "x"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("is not a directory");
        assertThatThrownBy(() -> sink().stat(new ObjectKey("a")))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("is not a directory");
        assertThat(sink().delete(List.of(new ObjectKey("a"))).refused())
                .as("what cannot be seen is not taken for deleted")
                .containsOnlyKeys(new ObjectKey("a"));
    }

    @Test
    void aNameTooLongForTheFileSystemIsToldInPlainWords() {
        assertThatThrownBy(() -> put("x".repeat(300), "x"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("cannot hold so long a name");
    }

    @Test
    void aFullDiskIsToldInPlainWordsAndNothingIsKept() throws Exception {
        Path full = smallFileSystem();
        DirectorySink sink = new DirectorySink(full);
        byte[] chunk = new byte[64 * 1024];

        try (ObjectWriter writer = sink.create(new ObjectKey("big"), Map.of())) {
            assertThatThrownBy(() -> {
                        for (int n = 0; n < 64; n++) {
                            writer.body().write(chunk);
                        }
                        writer.commit();
                    })
                    .isInstanceOfSatisfying(BackupException.class, e -> {
                        assertThat(e.kind()).isEqualTo(Kind.SINK);
                        assertThat(e.problem()).startsWith("is full").contains("object big");
                        assertThat(e.remedy()).contains("free space");
                    });
            assertThatThrownBy(writer::commit).as("a broken write stays broken").isInstanceOf(BackupException.class);
        }

        try (Stream<StoredObject> listing = sink.list("")) {
            assertThat(listing).isEmpty();
        }
        assertThat(full.resolve(".lvs-staging")).isEmptyDirectory();
    }

    @Test
    void aReadOnlyFileSystemIsToldInPlainWords() throws Exception {
        Path mount = smallFileSystem();
        DirectorySink sink = new DirectorySink(mount);
        try (ObjectWriter writer = sink.create(new ObjectKey("a"), Map.of())) {
            writer.commit();
        }
        run("mount", "-o", "remount,ro", mount.toString());

        assertThatThrownBy(() -> sink.create(new ObjectKey("b"), Map.of()))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("is on a read-only file system");
        assertThat(sink.delete(List.of(new ObjectKey("a"))).refused())
                .hasEntrySatisfying(
                        new ObjectKey("a"), reason -> assertThat(reason).contains("Read-only file system"));
        assertThat(sink.stat(new ObjectKey("a"))).isPresent();
    }

    @Test
    void aRefusalIsToldKeyByKeyAndInPlainWords() throws Exception {
        assumeThat(System.getProperty("user.name")).as("permissions bind").isNotEqualTo("root");
        put("closed/a", "x");
        put("open/b", "x");
        Files.setPosixFilePermissions(root().resolve("closed"), PosixFilePermissions.fromString("r-x------"));
        try {
            assertThat(sink().delete(List.of(new ObjectKey("closed/a"), new ObjectKey("open/b")))
                            .refused())
                    .containsOnlyKeys(new ObjectKey("closed/a"));
            assertThatThrownBy(() -> put("closed/c", "x")).hasMessageContaining("refuses access");
        } finally {
            Files.setPosixFilePermissions(root().resolve("closed"), PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void aFileCutWhileItIsReadIsNoQuietEnd() throws Exception {
        put("a", "x".repeat(100_000));

        try (InputStream in = sink().open(new ObjectKey("a"))) {
            in.readNBytes(10);
            Files.writeString(root().resolve("a"), "short");
            assertThatThrownBy(in::readAllBytes)
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("was cut");
        }
    }

    @Test
    void writesOnAnInterruptedThread() throws Exception {
        Thread.currentThread().interrupt();
        try {
            put("a/b", "whole");
            assertThat(sink().createIfAbsent(new ObjectKey("lock"), new byte[1]))
                    .isEqualTo(Creation.CREATED);
            assertThat(keys("")).containsExactly("a/b", "lock");
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(root().resolve("a/b")).hasContent("whole");
    }

    @Test
    void isFoundByItsType() throws Exception {
        var provider = ServiceLoader.load(SinkProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.type().equals("directory"))
                .map(DirectorySinkProvider.class::cast)
                .findFirst()
                .orElseThrow();

        try (Sink sink = provider.create(new DirectorySinkConfig(root()), new TestProviderContext(parent))) {
            assertThat(sink.fetchCommand(new ObjectKey("a b"))).isEqualTo("cat '" + root() + "/a b'");
        }
        assertThatThrownBy(() -> new DirectorySinkConfig(Path.of(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("path");
    }

    // Vocabulary

    private Path smallFileSystem() throws Exception {
        assumeThat(System.getProperty("user.name")).as("may mount").isEqualTo("root");
        Path mount = Files.createDirectory(parent.resolve("small"));
        Process mounting =
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", mount.toString()).start();
        assumeThat(mounting.waitFor()).as("may mount").isZero();
        mounted.add(mount);
        return mount;
    }

    private final List<Path> mounted = new ArrayList<>();

    @AfterEach
    void unmount() throws Exception {
        for (Path mount : mounted) {
            run("umount", mount.toString());
        }
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root().resolve(path)));
    }

    private List<Path> staged() throws IOException {
        try (Stream<Path> files = Files.list(root().resolve(".lvs-staging"))) {
            return files.toList();
        }
    }

    private void put(String key, String content) throws IOException {
        try (ObjectWriter writer = sink().create(new ObjectKey(key), Map.of())) {
            writer.body().write(content.getBytes(StandardCharsets.UTF_8));
            writer.commit();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> keys(String prefix) {
        try (Stream<StoredObject> listing = sink().list(prefix)) {
            return listing.map(StoredObject::key).toList();
        }
    }
}
