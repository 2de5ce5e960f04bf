package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** A backup over artifacts in memory. Immutable. */
public final class InMemoryBackup implements BackupReader {
    private final Manifest manifest;
    private final Map<ObjectKey, byte[]> contents;
    private final Set<ObjectKey> broken;

    private InMemoryBackup(Manifest manifest, Map<ObjectKey, byte[]> contents, Set<ObjectKey> broken) {
        this.manifest = manifest;
        this.contents = contents;
        this.broken = broken;
    }

    /** What the engine would have committed: the artifacts of the items that are done. */
    public static InMemoryBackup of(
            InMemoryArtifacts captured, CaptureReport report, RunContext run, String sourceType) {
        Set<String> done = report.items().stream()
                .filter(item -> item.status() == ItemResult.Status.DONE)
                .map(ItemResult::item)
                .collect(Collectors.toSet());
        Map<ObjectKey, byte[]> contents = new HashMap<>();
        List<StoredArtifact> artifacts = new ArrayList<>();
        for (StoredArtifact artifact : captured.stored()) {
            if (done.contains(artifact.item())) {
                artifacts.add(artifact);
                contents.put(artifact.key(), captured.bytes(artifact));
            }
        }
        boolean whole = report.items().stream().noneMatch(item -> item.status() == ItemResult.Status.FAILED);
        Manifest manifest = Manifest.builder(new BackupId(run.job(), run.timestamp(), run.run()), sourceType)
                .outcome(whole ? Outcome.OK : Outcome.PARTIAL)
                .source(report.source())
                .startedAt(run.timestamp())
                .finishedAt(run.timestamp())
                .items(report.items())
                .artifacts(artifacts)
                .external(captured.intents())
                .build();
        return new InMemoryBackup(manifest, contents, Set.of());
    }

    /** No backup at all, as given to an undo: every call throws {@link IllegalStateException}. */
    public static BackupReader none() {
        return new BackupReader() {
            @Override
            public Manifest manifest() {
                throw new IllegalStateException("there is no backup");
            }

            @Override
            public InputStream open(StoredArtifact artifact) {
                throw new IllegalStateException("there is no backup");
            }
        };
    }

    /** The same backup had the source written these bytes: sizes and digest fit them, only the source can tell. */
    public InMemoryBackup holding(StoredArtifact artifact, byte[] bytes) {
        Map<ObjectKey, byte[]> changed = new HashMap<>(contents);
        changed.put(artifact.key(), bytes.clone());
        List<StoredArtifact> artifacts = manifest.artifacts().stream()
                .map(each -> each.key().equals(artifact.key()) ? resized(each, bytes) : each)
                .toList();
        return new InMemoryBackup(withArtifacts(artifacts), changed, broken);
    }

    /** The same backup had the source stopped half-way through an artifact and not said so. */
    public InMemoryBackup cutShort(StoredArtifact artifact) throws IOException {
        byte[] whole = bytes(artifact);
        return holding(artifact, Arrays.copyOf(whole, Math.max(1, whole.length / 2)));
    }

    /** The same backup with stored bytes that rotted: the stream of the artifact throws half-way instead of ending. */
    public InMemoryBackup breaking(StoredArtifact artifact) {
        Set<ObjectKey> more = new HashSet<>(broken);
        more.add(artifact.key());
        return new InMemoryBackup(manifest, contents, more);
    }

    /** The same backup under another manifest. */
    public InMemoryBackup describedBy(Manifest other) {
        return new InMemoryBackup(other, contents, broken);
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public InputStream open(StoredArtifact artifact) throws IOException {
        byte[] bytes = bytes(artifact);
        if (!broken.contains(artifact.key())) {
            return new ByteArrayInputStream(bytes);
        }
        return new SequenceInputStream(new ByteArrayInputStream(bytes, 0, bytes.length / 2), new InputStream() {
            @Override
            public int read() throws IOException {
                return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw new BackupException(
                        Kind.VERIFICATION,
                        "object " + artifact.key(),
                        "is not what was stored",
                        "restore from another backup");
            }
        });
    }

    private byte[] bytes(StoredArtifact artifact) throws BackupException {
        byte[] bytes = contents.get(artifact.key());
        if (bytes == null) {
            throw new BackupException(
                    Kind.NOT_FOUND, "object " + artifact.key(), "does not exist", "restore from another backup");
        }
        return bytes;
    }

    private static StoredArtifact resized(StoredArtifact artifact, byte[] bytes) {
        return artifact.toBuilder(artifact.key())
                .plainBytes(bytes.length)
                .storedBytes(bytes.length)
                .sha256(InMemoryArtifacts.sha256(bytes))
                .build();
    }

    private Manifest withArtifacts(List<StoredArtifact> artifacts) {
        return manifest.toBuilder(manifest.id()).artifacts(artifacts).build();
    }
}
