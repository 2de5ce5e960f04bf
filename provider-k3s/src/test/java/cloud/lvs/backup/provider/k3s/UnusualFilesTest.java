package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no regular file is never opened: a named pipe would hold a run, and its lock, for ever. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class UnusualFilesTest {
    /** Something that has no content of its own. */
    enum Oddity {
        NAMED_PIPE("is a named pipe (FIFO)"),
        CHARACTER_DEVICE("is a character device"),
        SOCKET("is a socket"),
        DIRECTORY("is a directory");

        private final String words;

        Oddity(String words) {
            this.words = words;
        }

        void make(Path path) throws Exception {
            Files.deleteIfExists(path);
            switch (this) {
                case NAMED_PIPE ->
                    assertThat(new ProcessBuilder("mkfifo", path.toString())
                                    .start()
                                    .waitFor())
                            .isZero();
                // Not made, as only root may, but led to.
                case CHARACTER_DEVICE -> Files.createSymbolicLink(path, Path.of("/dev/null"));
                case SOCKET -> {
                    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                        server.bind(UnixDomainSocketAddress.of(path));
                    }
                }
                case DIRECTORY -> Files.createDirectory(path);
            }
        }
    }

    @TempDir
    Path dataDir;

    @TempDir
    Path scratch;

    @BeforeEach
    void makeServer() throws Exception {
        KineDatabase.create(dataDir).close();
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatTheDatabaseIs(Oddity oddity) throws Exception {
        oddity.make(KineDatabase.file(dataDir));

        assertRefused("k3s datastore", oddity.words);
    }

    @ParameterizedTest
    @ValueSource(strings = {"state.db-wal", "state.db-shm", "state.db-journal"})
    void saysWhatLiesInTheLogsPlace(String log) throws Exception {
        Oddity.NAMED_PIPE.make(KineDatabase.file(dataDir).resolveSibling(log));

        assertRefused("k3s datastore", "is a named pipe (FIFO)");
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatTheTokenIs(Oddity oddity) throws Exception {
        oddity.make(KineDatabase.token(dataDir));

        assertRefused("k3s server token", oddity.words);
    }

    @Test
    void readsATokenThatALinkLeadsToOnAnotherFileSystem() throws Exception {
        Path token = KineDatabase.token(dataDir);
        Path elsewhere =
                Files.createTempDirectory(Path.of("/dev/shm"), "token-").resolve("secret");
        try {
            Files.copy(token, elsewhere);
            Files.delete(token);
            Files.createSymbolicLink(token, elsewhere);
            InMemoryArtifacts written = new InMemoryArtifacts();

            capture(written);

            assertThat(written.bytes(written.stored().get(1))).isEqualTo(Files.readAllBytes(elsewhere));
        } finally {
            Files.delete(elsewhere);
            Files.delete(elsewhere.getParent());
        }
    }

    @Test
    void saysThatATokenIsALinkToNothing() throws Exception {
        Path token = KineDatabase.token(dataDir);
        Files.delete(token);
        Files.createSymbolicLink(token, Path.of("/run/secrets/nothing"));

        assertRefused("k3s server token", "is a symbolic link to /run/secrets/nothing, which does not exist");
    }

    @Test
    void looksAtNoAgentTokenThatIsNoFile() throws Exception {
        Oddity.NAMED_PIPE.make(dataDir.resolve("server/agent-token"));

        try (K3sSource source = source()) {
            assertThat(source.preflight(new TestRunContext())).isEmpty();
        }
    }

    private void assertRefused(String target, String problem) throws Exception {
        assertThatThrownBy(() -> capture(new InMemoryArtifacts())).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.SOURCE);
            assertThat(e.target()).startsWith(target);
            assertThat(e.problem()).contains(problem).doesNotContain("java.");
            assertThat(e.remedy()).isNotBlank();
        });
        try (K3sSource source = source()) {
            assertThat(source.preflight(new TestRunContext()))
                    .filteredOn(finding -> finding.severity() == Severity.ERROR)
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.problem()).contains(problem));
        }
        assertThat(scratch).isEmptyDirectory();
    }

    private void capture(InMemoryArtifacts out) throws IOException, InterruptedException {
        try (K3sSource source = source()) {
            source.capture(out, new TestRunContext());
        }
    }

    private K3sSource source() {
        return new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch));
    }
}
