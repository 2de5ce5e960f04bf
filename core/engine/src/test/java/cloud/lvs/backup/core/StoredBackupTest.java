package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.counting.StoredBackup;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Signing;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.ManifestSigner;
import cloud.lvs.backup.core.pipeline.ManifestVerifier;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.StoredArtifact;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found out about a stored backup, and when. */
@Tag("today")
class StoredBackupTest {
    private final EngineFixture fixture = new EngineFixture();
    private final Job job = fixture.job();
    private BackupId id = new BackupId("notes", fixture.clock.instant(), new cloud.lvs.backup.spi.RunId("none"));
    private String firstKey = "";

    @TempDir
    Path directory;

    private record NoOptions() {}

    @BeforeEach
    void backUp() {
        id = fixture.runOnce(job);
        firstKey = fixture.payload().get(0);
    }

    private List<Check> failedAt(Level level) throws Exception {
        return fixture.engine.verify(job, id, level).verification().checks().stream()
                .filter(check -> check.status() == Check.Status.FAILED)
                .toList();
    }

    private RestoreReport restore(String... items) throws Exception {
        return fixture.engine.restore(
                job,
                id,
                new RestoreRequest(
                        new RestoreTarget.Place(directory.toString()),
                        List.of(items),
                        new NoOptions(),
                        RestoreRequest.Consent.NOT_GIVEN,
                        RestoreRequest.Mode.EXECUTE));
    }

    @Test
    void aWholeBackupPassesEveryLevelAndTheJournalRemembersIt() throws Exception {
        for (Level level : Level.values()) {
            VerifyReport report = fixture.engine.verify(job, id, level);
            assertThat(report.verification().passed()).isTrue();
            assertThat(report.warnings()).isEmpty();
        }
        assertThat(fixture.journal(id))
                .contains("verified-stored.json", "verified-checksum.json", "verified-content.json");
    }

    @Test
    void restoresAllItemsOrThoseAskedFor() throws Exception {
        restore("b");
        assertThat(directory.resolve("a")).doesNotExist();
        assertThat(directory.resolve("b")).hasContent("the second note");

        restore();
        assertThat(directory.resolve("a")).hasContent("the first note");
    }

    @Test
    void anItemTheBackupDoesNotHoldIsAUsageError() {
        assertThatThrownBy(() -> restore("c"))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIG))
                .hasMessageContaining("holds no item c");
    }

    @Test
    void anItemThatOnlyTheSourceKnowsIsAskedFor() throws Exception {
        fixture.script.hidden.add("c");

        assertThat(restore("b", "c").items()).extracting(ItemResult::item).containsExactly("b");
        assertThatThrownBy(() -> restore("c", "d")).hasMessageEndingWith("holds no item d");
    }

    @Test
    void aMissingArtifactIsFoundByLookingAtWhatIsStored() throws Exception {
        fixture.store.removeForeign(firstKey);

        assertThat(failedAt(Level.STORED))
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("is missing"));
        assertThatThrownBy(this::restore).hasMessageContaining("is missing from the store");
        assertThat(fixture.journal(id)).doesNotContain("verified-stored.json");
    }

    @Test
    void aTruncatedOrExtendedArtifactIsFoundByItsSize() throws Exception {
        byte[] whole = fixture.bytes(firstKey);
        for (int size : new int[] {0, 1, whole.length - 1, whole.length + 1}) {
            fixture.put(firstKey, Arrays.copyOf(whole, size));
            assertThat(failedAt(Level.STORED)).as("%d bytes", size).hasSize(1);
            assertThatThrownBy(this::restore).isInstanceOf(BackupException.class);
        }
    }

    @Test
    void aFlippedBitIsFoundByTheChecksumAndNeverRestored() throws Exception {
        byte[] whole = fixture.bytes(firstKey);
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x10;
            fixture.put(firstKey, flipped);
            assertThat(failedAt(Level.STORED)).isEmpty();
            assertThat(failedAt(Level.CHECKSUM)).as("bit in byte %d", at).hasSize(1);
            assertThatThrownBy(this::restore)
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
        }
    }

    @Test
    void swappedArtifactsAreFound() throws Exception {
        byte[] first = fixture.bytes(fixture.payload().get(0));
        byte[] second = fixture.bytes(fixture.payload().get(1));
        String secondKey = fixture.payload().get(1);
        fixture.put(firstKey, second);
        fixture.put(secondKey, first);

        assertThat(failedAt(Level.CHECKSUM)).isNotEmpty();
        assertThatThrownBy(this::restore).isInstanceOf(BackupException.class);
    }

    @Test
    void anEditedManifestIsFoundByEveryLevelAndNothingIsRestoredFromIt() throws Exception {
        String manifest = keyOf("committed-OK.json");
        String text = new String(fixture.bytes(manifest), StandardCharsets.UTF_8);
        fixture.put(manifest, text.replace("\"test\"", "\"someone\"").getBytes(StandardCharsets.UTF_8));

        assertThat(failedAt(Level.STORED))
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("not the one that was committed"));
        assertThatThrownBy(this::restore).hasMessageContaining("not the one that was committed");
    }

    @Test
    void aManifestThatCannotBeReadIsToldWithItsKey() throws Exception {
        String manifest = keyOf("committed-OK.json");
        fixture.put(manifest, "{\"formatVersion\": 1, ".getBytes(StandardCharsets.UTF_8));

        assertThat(failedAt(Level.STORED)).singleElement().satisfies(check -> {
            assertThat(check.name()).isEqualTo("manifest");
            assertThat(check.detail()).contains(manifest, "is damaged: it is cut off");
        });
        assertThatThrownBy(this::restore)
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
    }

    @Test
    void aBackupWhoseManifestIsMissingDoesNotExist() {
        fixture.store.removeForeign(keyOf("committed-OK.json"));

        assertThatThrownBy(() -> fixture.engine.resolve(job, id.toString()))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
    }

    @Test
    void aManifestOfALaterFormatIsRefused() throws Exception {
        String manifest = keyOf("committed-OK.json");
        String text = new String(fixture.bytes(manifest), StandardCharsets.UTF_8);
        fixture.put(
                manifest,
                text.replace("\"formatVersion\" : 1", "\"formatVersion\" : 2").getBytes(StandardCharsets.UTF_8));

        assertThat(failedAt(Level.STORED))
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("format version 2", "use a newer lvs-backup"));
    }

    @Test
    void aManifestThatPointsOutOfTheSinkIsRefused() throws Exception {
        String manifest = keyOf("committed-OK.json");
        String text = new String(fixture.bytes(manifest), StandardCharsets.UTF_8);
        fixture.put(manifest, text.replace(firstKey, "../../etc/shadow").getBytes(StandardCharsets.UTF_8));

        assertThat(failedAt(Level.STORED))
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("has the segment '..'"));
    }

    @Test
    void aDecompressionBombStopsAtTheSizeOfTheManifest() throws Exception {
        EngineFixture other = new EngineFixture();
        other.script.notes.put("a", "0".repeat(50 << 20));
        Job bombJob = other.job();
        BackupId bomb = other.runOnce(bombJob);
        Manifest manifest = other.engine.show(bombJob, bomb);
        StoredArtifact artifact = manifest.artifacts().get(0);
        StoredArtifact lying = StoredArtifact.builder(artifact.item(), artifact.role(), artifact.key())
                .codecs(artifact.codecs())
                .plainBytes(1000)
                .storedBytes(artifact.storedBytes())
                .sha256(artifact.sha256())
                .build();
        StoredBackup backup = new StoredBackup(manifest, other.store, new Pipeline());

        try (var in = backup.open(lying)) {
            assertThatThrownBy(() -> in.readNBytes(100_000))
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("more than the expected 1000");
        }
    }

    @Test
    void aSignedManifestIsAcceptedOnlyFromATrustedKey() throws Exception {
        KeyPair trusted = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Job signed = signing(trusted, trusted);
        BackupId signedId = fixture.runOnce(signed);
        assertThat(fixture.journal(signedId)).contains("signature.json");
        assertThat(fixture.engine
                        .verify(signed, signedId, Level.CHECKSUM)
                        .verification()
                        .passed())
                .isTrue();

        assertThatThrownBy(() -> fixture.engine.show(signing(trusted, other), signedId))
                .hasMessageContaining("trusted keys");
        assertThatThrownBy(() -> fixture.engine.show(signed, id)).hasMessageContaining("it is not signed");
    }

    @org.junit.jupiter.params.ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {
                "{\"algorithm\": \"Ed25519\"}",
                "{}",
                "null",
                "",
                "?",
                "{\"signature\": \"!\"}",
                "[]",
                "{\"signature\": 7}"
            })
    void aSignatureThatTheStoreDamagedIsAFailedCheck(String document) throws Exception {
        KeyPair trusted = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Job signed = signing(trusted, trusted);
        BackupId signedId = fixture.runOnce(signed);
        fixture.put(
                ".lvs-backup/notes/" + signedId.directory() + "/signature.json",
                document.getBytes(StandardCharsets.UTF_8));

        assertThat(fixture.engine
                        .verify(signed, signedId, Level.STORED)
                        .verification()
                        .passed())
                .isFalse();
        assertThatThrownBy(() -> fixture.engine.show(signed, signedId))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
    }

    private Job signing(KeyPair signer, KeyPair trusted) throws Exception {
        Path privateKey = pem("PRIVATE KEY", signer.getPrivate().getEncoded());
        Path publicKey = pem("PUBLIC KEY", trusted.getPublic().getEncoded());
        return fixture.job(parts ->
                parts.signing(new Signing(new ManifestSigner(privateKey), new ManifestVerifier(List.of(publicKey)))));
    }

    private Path pem(String label, byte[] der) throws Exception {
        Path file = Files.createTempFile(directory, "key", ".pem");
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(file, "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n");
    }

    @Test
    void theChecksumsAreThoseOfSha256sum() throws Exception {
        for (String key : fixture.store.keys()) {
            Path file = directory.resolve(key);
            Files.createDirectories(file.getParent());
            Files.write(file, fixture.bytes(key));
        }
        Process process = new ProcessBuilder("sha256sum", "--strict", "-c", keyOf("SHA256SUMS"))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output.lines()).hasSize(3).allMatch(line -> line.endsWith(": OK"));
    }

    @Test
    void anUnfinishedReadDoesNotComplain() throws Exception {
        StoredArtifact artifact = fixture.engine.show(job, id).artifacts().get(0);
        StoredBackup backup =
                new StoredBackup(fixture.engine.show(job, id), fixture.store, new Pipeline(Compression.DEFAULT));
        try (var in = backup.open(artifact)) {
            assertThat(in.read()).isEqualTo('t');
        }
        assertThat(fixture.store.openReads()).isZero();
    }

    @Test
    void anAmbiguousOrUnknownIdIsNotFound() throws Exception {
        fixture.run(job);
        assertThat(fixture.engine.resolve(job, id.directory())).isEqualTo(id);
        assertThat(fixture.engine.resolve(
                        job, id.toString().substring(0, id.toString().length() - 1)))
                .isEqualTo(id);
        assertThatThrownBy(() -> fixture.engine.resolve(job, id.toString().substring(0, 10)))
                .hasMessageContaining("is the beginning of 2 ids");
        assertThatThrownBy(() -> fixture.engine.resolve(job, "nonsense")).hasMessageContaining("no such backup");
    }

    @Test
    void noDocumentOfTheJournalSurprisesAReaderOfALaterVersion() throws Exception {
        JournalDocuments documents = new JournalDocuments();
        ObjectKey key = new ObjectKey(keyOf("committed-OK.json"));
        String later = new String(fixture.bytes(key.value()), StandardCharsets.UTF_8)
                .replaceFirst("\\{", "{ \"addedLater\" : [1, 2],");

        assertThat(documents.read(key, later.getBytes(StandardCharsets.UTF_8), Manifest.class))
                .isEqualTo(fixture.engine.show(job, id));
    }

    private String keyOf(String name) {
        return ".lvs-backup/notes/" + id.directory() + "/" + name;
    }

    @Test
    void factsKeepTheOrderOfTheirNames() throws Exception {
        Map<String, String> unordered = Map.of("c", "3", "a", "1", "d", "4", "b", "2");

        assertThat(cloud.lvs.backup.spi.ItemResult.done("x", unordered).facts().keySet())
                .containsExactly("a", "b", "c", "d");
    }
}
