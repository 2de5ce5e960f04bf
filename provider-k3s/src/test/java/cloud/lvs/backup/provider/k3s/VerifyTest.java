package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {
    @TempDir
    Path dataDir;

    @TempDir
    Path scratch;

    @BeforeEach
    void makeServer() throws Exception {
        KineDatabase.create(dataDir).close();
    }

    @Test
    void provesThePairAndTheNotedRevision() throws Exception {
        Verification verification = verify(K3sBackups.of(dataDir));

        assertThat(verification.passed()).isTrue();
        assertThat(verification.checks())
                .extracting(Check::name)
                .contains("integrity_check", "token", "token_ca", "noted_revision");
    }

    @Test
    void toleratesAnAdoptedBackupWithoutToken() throws Exception {
        Verification verification = verify(K3sBackups.withoutToken(K3sBackups.of(dataDir)));

        assertThat(verification.passed()).isTrue();
        assertThat(verification.checks())
                .anyMatch(check -> check.name().equals("token") && check.status() == Check.Status.WARNED);
    }

    @Test
    void readsWhatTheOldJobCopiedInWalMode() throws Exception {
        Path copy = scratch.resolve("legacy.db");
        Process sqlite3 = new ProcessBuilder(
                        "sqlite3", KineDatabase.file(dataDir).toString(), ".backup '" + copy + "'")
                .inheritIO()
                .start();
        assertThat(sqlite3.waitFor()).isZero();
        byte[] legacy = Files.readAllBytes(copy);
        Files.delete(copy);
        assertThat(legacy[18]).isEqualTo((byte) 2);
        InMemoryBackup backup = K3sBackups.adopted(K3sBackups.of(dataDir), artifact -> true);

        assertThat(verify(backup.holding(K3sBackups.artifact(backup, "k3s-sqlite"), legacy))
                        .passed())
                .isTrue();
    }

    @Test
    void failsAnObjectThatCannotBeDecoded() throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/pods/default/torn", new byte[] {'k', '8', 's', 0, 1});
        }

        assertThat(verify(K3sBackups.of(dataDir)).checks())
                .filteredOn(check -> check.status() == Check.Status.FAILED)
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("/registry/pods/default/torn"));
    }

    @Test
    void failsATokenThatWasSwapped() throws Exception {
        InMemoryBackup backup = K3sBackups.of(dataDir);

        Verification verification = verify(
                backup.holding(K3sBackups.artifact(backup, "k3s-token"), "another".getBytes(StandardCharsets.UTF_8)));

        assertThat(verification.passed()).isFalse();
    }

    @Test
    void failsWhatIsNoToken() throws Exception {
        InMemoryBackup backup = K3sBackups.of(dataDir);

        Verification verification =
                verify(backup.holding(K3sBackups.artifact(backup, "k3s-token"), new byte[ServerToken.MAX_BYTES + 1]));

        assertThat(verification.checks())
                .anyMatch(check -> check.name().equals("token_form") && check.status() == Check.Status.FAILED);
    }

    @Test
    void failsAnotherDatastoreThanTheManifestDescribes() throws Exception {
        InMemoryBackup backup = K3sBackups.of(dataDir);
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/pods/default/late", "an object");
        }
        byte[] later = Files.readAllBytes(KineDatabase.file(dataDir));

        Verification verification = verify(backup.holding(K3sBackups.artifact(backup, "k3s-sqlite"), later));

        assertThat(verification.checks())
                .anyMatch(check -> check.name().equals("noted_revision") && check.status() == Check.Status.FAILED);
    }

    @Test
    void doesNotUnpackMoreThanTheManifestAnnounces() throws Exception {
        InMemoryBackup backup = K3sBackups.of(dataDir);
        BackupReader bomb = new BackupReader() {
            @Override
            public Manifest manifest() {
                return backup.manifest();
            }

            @Override
            public InputStream open(StoredArtifact artifact) {
                return new ByteArrayInputStream(new byte[(int) artifact.plainBytes() + (1 << 20)]);
            }
        };

        assertThatThrownBy(() -> verify(bomb)).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.VERIFICATION);
            assertThat(e.problem()).contains("longer");
        });
    }

    @Test
    void failsABackupWithoutDatastore() throws Exception {
        InMemoryBackup backup = K3sBackups.adopted(
                K3sBackups.of(dataDir), artifact -> artifact.role().equals("k3s-token"));

        assertThatThrownBy(() -> verify(backup)).hasMessageContaining("k3s-sqlite");
    }

    private Verification verify(BackupReader backup) throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            return source.verify(backup, Level.CONTENT, new TestRunContext());
        } finally {
            assertThat(scratch).isEmptyDirectory();
        }
    }
}
