package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Keeps the artifacts of one capture, by role, and reads them back. */
final class InMemoryBackup implements ArtifactWriter, BackupReader {
    static final Instant AT = Instant.parse("2026-11-22T03:00:00Z");

    final Map<String, Artifact> artifacts = new LinkedHashMap<>();
    private final Map<String, byte[]> content = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> facts = new LinkedHashMap<>();
    private CaptureReport report = new CaptureReport(List.of(ItemResult.done("datastore", Map.of())), Map.of());

    @Override
    public StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Map<String, String> learnt = body.writeTo(out);
        artifacts.put(artifact.role(), artifact);
        content.put(artifact.role(), out.toByteArray());
        facts.put(artifact.role(), learnt);
        return stored(artifact.role(), artifact.ordinal());
    }

    InMemoryBackup with(String role, byte[] bytes) {
        content.put(role, bytes);
        facts.put(role, Map.of());
        return this;
    }

    InMemoryBackup without(String role) {
        content.remove(role);
        return this;
    }

    InMemoryBackup reported(CaptureReport captured) {
        report = captured;
        return this;
    }

    byte[] bytes(String role) {
        return Objects.requireNonNull(content.get(role), role);
    }

    private StoredArtifact stored(String role, int ordinal) {
        return new StoredArtifact(
                "datastore",
                role,
                ordinal,
                new ObjectKey("2026/11/" + role),
                List.of(),
                bytes(role).length,
                Math.max(1, bytes(role).length),
                "0".repeat(64),
                Objects.requireNonNull(facts.get(role)),
                "");
    }

    @Override
    public Manifest manifest() {
        List<StoredArtifact> stored = content.keySet().stream()
                .map(role -> stored(role, role.equals("k3s-sqlite") ? 0 : 1))
                .toList();
        return new Manifest(
                Manifest.FORMAT_VERSION,
                new BackupId("k3s", AT, new RunId("k7f3q2xw")),
                Outcome.OK,
                null,
                null,
                "k3s",
                report.source(),
                Map.of(),
                AT,
                AT,
                report.items(),
                stored,
                List.of(),
                List.of());
    }

    @Override
    public InputStream open(StoredArtifact artifact) {
        return new ByteArrayInputStream(bytes(artifact.role()));
    }

    @Override
    public void intend(ExternalReference reference) {
        throw new AssertionError("k3s makes nothing outside the sink");
    }
}
