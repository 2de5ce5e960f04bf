package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.ServerFiles;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Unreadable;
import cloud.lvs.backup.provider.k3s.backup.KineChecks;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.kine.Bootstrap;
import cloud.lvs.backup.provider.k3s.kine.Encrypted;
import cloud.lvs.backup.provider.k3s.kine.Encrypted.Key;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.provider.k3s.kine.StoredValue;
import cloud.lvs.backup.provider.k3s.secrets.SecretsProof;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Verification;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether encrypted Secrets can be read with the keys that a backup holds: each way in which they cannot has its line. */
class SecretsProofTest {
    private static final String OBJECT = "/registry/secrets/default/one";
    private static final Key CBC = Key.of("aescbc", "aescbckey", 1);
    private static final Key GCM = Key.of("aesgcm", "gcm", 2);
    private static final Key ROTATED = Key.of("aescbc", "aescbckey-2026-11-30T18:00:00+01:00", 3);

    @TempDir
    Path directory;

    @TempDir
    Path scratch;

    // What can be read

    @Test
    void saysSoWhereNothingIsEncrypted() throws Exception {
        server(null, Map.of(OBJECT, StoredValue.at(OBJECT, "plain")));

        assertThat(prove()).containsExactly("PASSED encryption: no value is encrypted");
    }

    @Test
    void readsWhatEachKeyEncrypted() throws Exception {
        server(
                Encrypted.configuration(ROTATED, CBC, GCM),
                Map.of(
                        OBJECT,
                        Encrypted.secret(CBC, OBJECT),
                        OBJECT + "2",
                        Encrypted.secret(CBC, OBJECT + "2"),
                        OBJECT + "3",
                        Encrypted.secret(GCM, OBJECT + "3"),
                        OBJECT + "4",
                        StoredValue.at(OBJECT + "4", "from before encryption was switched on"),
                        "/registry/lvs.test/widgets/default/w",
                        Encrypted.value(ROTATED, "/registry/lvs.test/widgets/default/w", text("{\"a\":1}"))));

        assertThat(prove())
                .containsExactly(
                        "PASSED encryption aescbc aescbckey: reads 2 values of secrets",
                        "PASSED encryption aescbc aescbckey-2026-11-30T18:00:00+01:00: reads 1 value of widgets.lvs.test",
                        "PASSED encryption aesgcm gcm: reads 1 value of secrets",
                        "PASSED encryption: every encrypted value can be read");
    }

    @Test
    void triesEveryKeyOfAName() throws Exception {
        server(
                Encrypted.configuration(Key.of("aescbc", "key", 8), Key.of("aescbc", "key", 9)),
                Map.of(OBJECT, Encrypted.secret(Key.of("aescbc", "key", 9), OBJECT)));

        assertThat(prove()).contains("PASSED encryption: every encrypted value can be read");
    }

    @Test
    void looksAtWhatIsLiveAlone() throws Exception {
        server(Encrypted.configuration(CBC), Map.of(OBJECT, text("k8s:enc:aescbc:v1:gone:x")));
        try (KineDatabase kine = KineDatabase.open(dataDir())) {
            kine.put(OBJECT, Encrypted.secret(CBC, OBJECT));
            kine.put(OBJECT + "2", text("k8s:enc:aescbc:v1:gone:x"));
            kine.delete(OBJECT + "2");
        }

        assertThat(prove()).contains("PASSED encryption: every encrypted value can be read");
    }

    // What cannot

    @Test
    void namesTheKeyThatTheBootstrapDataLacks() throws Exception {
        server(
                Encrypted.configuration(CBC),
                Map.of(OBJECT, Encrypted.secret(CBC, OBJECT), OBJECT + "2", Encrypted.secret(ROTATED, OBJECT + "2")));

        assertThat(prove())
                .containsExactly(
                        "PASSED encryption aescbc aescbckey: reads 1 value of secrets",
                        "FAILED encryption aescbc aescbckey-2026-11-30T18:00:00+01:00: the bootstrap data has no such key,"
                                + " by which 1 value of secrets would be read");
    }

    @Test
    void saysWhereTheKeyIsThatTheBootstrapDataLacks() throws Exception {
        server(Encrypted.configuration(CBC), Map.of(OBJECT, Encrypted.secret(ROTATED, OBJECT)));
        Path file = onDisk(Encrypted.configuration(ROTATED, CBC));

        assertThat(proveBesideTheServer())
                .anyMatch(line -> line.startsWith("FAILED")
                        && line.endsWith("; " + file + " reads them, which is not part of a backup"))
                .anyMatch(
                        line -> line.startsWith(
                                "WARNED encryption_config: " + file
                                        + " and the bootstrap data differ: only the file has aescbc aescbckey-2026-11-30T18:00:00+01:00"));
    }

    @Test
    void tellsAnotherClustersKeyOfTheSameName() throws Exception {
        server(
                Encrypted.configuration(Key.of("aescbc", "aescbckey", 7)),
                Map.of(OBJECT, Encrypted.secret(CBC, OBJECT)));

        assertThat(prove())
                .containsExactly(
                        "FAILED encryption aescbc aescbckey: the key of that name in the bootstrap data does not"
                                + " open 1 value of secrets: it is another key, or they are damaged; the first is "
                                + OBJECT);
    }

    @Test
    void tellsOneDamagedValueAmongGoodOnes() throws Exception {
        byte[] damaged = Encrypted.secret(GCM, OBJECT + "2");
        damaged[damaged.length - 1] ^= 1;
        server(Encrypted.configuration(GCM), Map.of(OBJECT, Encrypted.secret(GCM, OBJECT), OBJECT + "2", damaged));

        assertThat(prove())
                .anyMatch(line -> line.startsWith("PASSED encryption aesgcm gcm"))
                .anyMatch(line -> line.startsWith("FAILED encryption aesgcm gcm") && line.endsWith(OBJECT + "2"));
    }

    @Test
    void tellsAValueThatWasMovedToAnotherObject() throws Exception {
        server(Encrypted.configuration(GCM), Map.of(OBJECT, Encrypted.secret(GCM, OBJECT + "-of-another-name")));

        assertThat(prove()).anyMatch(line -> line.startsWith("FAILED encryption aesgcm gcm: the key of that name"));
    }

    @Test
    void tellsWhatDecryptsToNoObject() throws Exception {
        server(
                Encrypted.configuration(CBC),
                Map.of(OBJECT, Encrypted.value(CBC, OBJECT, text("right padding, no object"))));

        assertThat(prove())
                .anyMatch(line -> line.startsWith("FAILED encryption aescbc aescbckey: the key of that name"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 16, 31, 33, 47})
    void tellsTruncatedCiphertext(int bytes) throws Exception {
        server(
                Encrypted.configuration(CBC),
                Map.of(OBJECT, Encrypted.prefixed("aescbc:v1:aescbckey", new byte[bytes])));

        assertThat(prove())
                .containsExactly(
                        "FAILED encryption aescbc aescbckey: 1 value of secrets are cut short, so that no key reads"
                                + " them; the first is " + OBJECT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"k8s:enc:", "k8s:enc:aescbc", "k8s:enc:aescbc:v1:", "k8s:enc:aescbc:v1:aescbckey"})
    void tellsAPrefixThatIsCutShort(String value) throws Exception {
        server(Encrypted.configuration(CBC), Map.of(OBJECT, text(value)));

        assertThat(prove())
                .noneMatch(line -> line.contains("every encrypted value can be read"))
                .hasSize(1);
    }

    @Test
    void tellsAKeyOfALengthThatNoCipherTakes() throws Exception {
        server(
                Encrypted.configuration(new Key("aescbc", "aescbckey", new byte[5])),
                Map.of(OBJECT, Encrypted.secret(CBC, OBJECT)));

        assertThat(prove())
                .anyMatch(line -> line.startsWith("FAILED encryption aescbc aescbckey: the key of that name"));
    }

    @Test
    void tellsPlainSecretsThatTheConfigurationDoesNotAllow() throws Exception {
        server(Encrypted.configurationWithoutIdentity(CBC), Map.of(OBJECT, StoredValue.at(OBJECT, "plain")));

        assertThat(prove())
                .anyMatch(line -> line.startsWith("FAILED encryption identity: 1 value of secrets are stored plain"));
    }

    @Test
    void tellsAConfigurationThatIsNone() throws Exception {
        server(text("{\"kind\":"), Map.of(OBJECT, Encrypted.secret(CBC, OBJECT)));

        assertThat(prove())
                .contains(
                        "FAILED encryption_config: what the bootstrap data holds is not an encryption configuration in"
                                + " JSON")
                .anyMatch(line ->
                        line.startsWith("FAILED encryption aescbc aescbckey: the bootstrap data has no such key"));
    }

    // What cannot be told

    @Test
    void leavesAKeyManagementServiceAlone() throws Exception {
        server(Encrypted.configuration(CBC), Map.of(OBJECT, Encrypted.prefixed("kms:v2:vault", new byte[100])));

        assertThat(prove())
                .containsExactly(
                        "WARNED encryption kms vault: 1 value of secrets can only be read with a key management"
                                + " service outside the cluster, which was not asked");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rot13:v1:key", "aescbc:v2:key"})
    void saysThatItDoesNotKnowAProvider(String head) throws Exception {
        server(Encrypted.configuration(CBC), Map.of(OBJECT, Encrypted.prefixed(head, new byte[100])));

        assertThat(prove())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .startsWith("WARNED encryption " + head.split(":", 2)[0]
                                + " key: 1 value of secrets are encrypted in a way")
                        .endsWith(OBJECT));
    }

    @Test
    void saysWithoutATokenThatItCannotTell() throws Exception {
        server(Encrypted.configuration(CBC), Map.of(OBJECT, Encrypted.secret(CBC, OBJECT)));

        assertThat(lines(proof(null, null)))
                .containsExactly(
                        "WARNED encryption aescbc aescbckey: without the token that opens the bootstrap data it"
                                + " cannot be told whether the key is there, by which 1 value of secrets would be read");
        assertThat(lines(proof("another", null)))
                .singleElement()
                .satisfies(
                        line -> assertThat(line).startsWith("WARNED encryption aescbc aescbckey: without the token"));
    }

    @Test
    void tellsThatThereIsNoBootstrapDataToHoldTheKey() throws Exception {
        server(null, Map.of(OBJECT, Encrypted.secret(CBC, OBJECT)));
        try (KineDatabase kine = KineDatabase.open(dataDir())) {
            kine.delete(Bootstrap.key(KineDatabase.PASSWORD));
        }
        Path file = onDisk(Encrypted.configuration(CBC));

        assertThat(proveBesideTheServer())
                .containsExactly(
                        "FAILED encryption aescbc aescbckey: the datastore has no bootstrap data that could hold"
                                + " this key, by which 1 value of secrets would be read; " + file
                                + " reads them, which is not part of a backup");
    }

    // The file on the server's disk

    @Test
    void findsTheFileOnDiskEqual() throws Exception {
        server(Encrypted.configuration(CBC), Map.of(OBJECT, Encrypted.secret(CBC, OBJECT)));
        onDisk(Encrypted.configuration(CBC));

        assertThat(proveBesideTheServer()).contains("PASSED encryption_config: is the one on disk");
    }

    @Test
    void tellsWhereTheFileOnDiskDiffers() throws Exception {
        server(Encrypted.configuration(CBC, GCM), Map.of(OBJECT, Encrypted.secret(CBC, OBJECT)));

        Path file = onDisk(Encrypted.configuration(GCM, CBC));
        assertThat(proveBesideTheServer())
                .anyMatch(line -> line.startsWith("WARNED encryption_config: " + file
                        + " and the bootstrap data have the same keys, but use them in another way"));
        onDisk(Encrypted.configuration(Key.of("aescbc", "aescbckey", 9), GCM));
        assertThat(proveBesideTheServer())
                .anyMatch(line ->
                        line.contains("only the file has aescbc aescbckey; only the bootstrap data has aescbc"));
        onDisk(text("kind: EncryptionConfiguration"));
        assertThat(proveBesideTheServer())
                .contains("WARNED encryption_config: " + file + " is not an encryption configuration in JSON")
                .contains("PASSED encryption: every encrypted value can be read");
    }

    @Test
    void tellsAFileOnDiskThatTheBootstrapDataKnowsNothingOf() throws Exception {
        server(null, Map.of(OBJECT, StoredValue.at(OBJECT, "plain")));
        onDisk(Encrypted.configuration(CBC));

        assertThat(proveBesideTheServer())
                .anyMatch(line -> line.contains("exists, but the bootstrap data holds no encryption configuration"));
    }

    // Where it is told

    @Test
    void aRunSavesWhatCannotBeReadAndWarns() throws Exception {
        Path dataDir = unreadableServer();
        TestRunContext run = new TestRunContext();

        CaptureReport report;
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            report = source.capture(new InMemoryArtifacts(), run);
        }

        assertThat(run.warnings())
                .singleElement()
                .satisfies(warning -> assertThat(warning)
                        .contains("aescbc aescbckey-2026-11-30T18:00:00+01:00", "would not become ready"));
        assertThat(report.items().get(0).facts())
                .containsEntry("encryptedValues", "2")
                .containsEntry("encryptedValuesUnreadable", "1")
                .containsEntry("encryptedValuesUntried", "0")
                .containsEntry("encryptionKeys", "aescbc aescbckey, aescbc aescbckey-2026-11-30T18:00:00+01:00");
    }

    @Test
    void aVerificationOfWhatCannotBeReadFails() throws Exception {
        InMemoryBackup backup = K3sBackups.of(unreadableServer());

        Verification verification;
        try (K3sSource source = new K3sSource(K3sConfig.of(directory), new TestProviderContext(scratch))) {
            verification = source.verify(backup, Level.CONTENT, new TestRunContext());
        }

        assertThat(verification.passed()).isFalse();
        assertThat(verification.checks())
                .filteredOn(check -> check.status() == Check.Status.FAILED)
                .extracting(Check::name)
                .containsExactly("encryption aescbc aescbckey-2026-11-30T18:00:00+01:00");
    }

    @Test
    void aDrillOfWhatCannotBeReadFails() throws Exception {
        InMemoryBackup backup = K3sBackups.of(unreadableServer());
        Path place = Files.createDirectory(directory.resolve("drill"));

        RestoreReport report = restore(backup, directory, new RestoreTarget.Scratch(place), Unreadable.REFUSE);

        assertThat(report.items()).singleElement().satisfies(item -> {
            assertThat(item.status()).isEqualTo(ItemResult.Status.FAILED);
            assertThat(item.reason()).contains("aescbckey-2026-11-30T18:00:00+01:00");
        });
    }

    @Test
    void aRestoreInPlaceOfWhatCannotBeReadIsRefusedUntilAccepted() throws Exception {
        InMemoryBackup backup = K3sBackups.of(unreadableServer());
        Path target = directory.resolve("target");
        KineDatabase.create(target).close();
        Map<String, String> before = FileTree.of(target);

        assertThatThrownBy(() -> restore(backup, target, new RestoreTarget.InPlace(), Unreadable.REFUSE))
                .isInstanceOfSatisfying(BackupException.class, refusal -> {
                    assertThat(refusal.kind()).isEqualTo(Kind.VERIFICATION);
                    assertThat(refusal.problem()).contains("aescbckey-2026-11-30T18:00:00+01:00");
                    assertThat(refusal.remedy()).contains("unreadable=accept");
                });
        assertThat(FileTree.of(target)).isEqualTo(before);

        RestoreReport report = restore(backup, target, new RestoreTarget.InPlace(), Unreadable.ACCEPT);

        assertThat(FileTree.of(target)).isNotEqualTo(before);
        assertThat(report.checks())
                .noneMatch(check -> check.status() == Check.Status.FAILED)
                .anyMatch(check -> check.status() == Check.Status.WARNED
                        && check.name().equals("encryption aescbc aescbckey-2026-11-30T18:00:00+01:00"));
    }

    @Test
    void aBackupWithoutTokenIsProvedWithTheServersBeforeItIsRestored() throws Exception {
        Path dataDir = unreadableServer();
        InMemoryBackup backup = K3sBackups.withoutToken(K3sBackups.of(dataDir));
        Map<String, String> before = FileTree.of(dataDir);

        assertThatThrownBy(() -> restore(backup, dataDir, new RestoreTarget.InPlace(), Unreadable.REFUSE))
                .hasMessageContaining("aescbckey-2026-11-30T18:00:00+01:00");
        assertThat(FileTree.of(dataDir)).isEqualTo(before);
    }

    private Path unreadableServer() throws Exception {
        server(
                Encrypted.configuration(CBC),
                Map.of(OBJECT, Encrypted.secret(CBC, OBJECT), OBJECT + "2", Encrypted.secret(ROTATED, OBJECT + "2")));
        return dataDir();
    }

    private RestoreReport restore(InMemoryBackup backup, Path dataDir, RestoreTarget target, Unreadable unreadable)
            throws Exception {
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            var options = new K3sRestoreOptions(ServerFiles.AUTO, directory.resolve("no-host"), unreadable);
            return source.restore(
                    backup,
                    new RestoreRequest(target, List.of(), options, Consent.GIVEN, Mode.EXECUTE),
                    new TestRunContext());
        }
    }

    // The server

    private Path dataDir() {
        return directory.resolve("k3s");
    }

    /** A stopped server with this encryption configuration in its bootstrap data. */
    private void server(byte @Nullable [] configuration, Map<String, byte[]> objects) throws Exception {
        try (KineDatabase kine = KineDatabase.create(dataDir())) {
            if (configuration != null) {
                Map<String, byte[]> files = Bootstrap.files("cluster of " + KineDatabase.PASSWORD);
                files.put("EncryptionConfig", configuration);
                kine.put(Bootstrap.key(KineDatabase.PASSWORD), Bootstrap.seal(KineDatabase.PASSWORD, files));
            }
            for (Map.Entry<String, byte[]> object : objects.entrySet()) {
                kine.put(object.getKey(), object.getValue());
            }
        }
    }

    private Path onDisk(byte[] configuration) throws Exception {
        Path file = new DataDir(dataDir()).encryptionConfig();
        Files.createDirectories(file.getParent());
        return Files.write(file, configuration);
    }

    private List<String> prove() throws Exception {
        return lines(proof(KineDatabase.PASSWORD, null));
    }

    private List<String> proveBesideTheServer() throws Exception {
        return lines(proof(KineDatabase.PASSWORD, new DataDir(dataDir())));
    }

    private SecretsProof proof(@Nullable String password, @Nullable DataDir server) throws Exception {
        Path file = KineDatabase.file(dataDir());
        ServerToken token = password == null ? null : ServerToken.parse(text(password));
        return SecretsProof.of(
                file, KineChecks.of(file, K3sConfig.CheckDepth.QUICK, token).pairing(), server);
    }

    private static List<String> lines(SecretsProof proof) {
        return proof.checks().stream()
                .map(check -> check.status() + " " + check.name() + ": " + check.detail())
                .toList();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
