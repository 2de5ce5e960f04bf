package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Body;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.StoredArtifact;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Collects what a source captures, plain, as the engine would: an artifact whose body throws is dropped, an empty one or
 * one with the key of another is refused, and a write on an interrupted thread throws. Thread-safe.
 */
public final class InMemoryArtifacts implements ArtifactWriter {
    private static final class Written {
        final Artifact artifact;
        final StoredArtifact stored;
        final byte[] bytes;

        Written(Artifact artifact, StoredArtifact stored, byte[] bytes) {
            this.artifact = artifact;
            this.stored = stored;
            this.bytes = bytes;
        }
    }

    private final List<Written> written = new ArrayList<>();
    private final List<ExternalReference> intents = new ArrayList<>();
    private final Set<ObjectKey> keys = new HashSet<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Runnable whenBytesArrive;

    public InMemoryArtifacts() {
        this(() -> {});
    }

    /** @param whenBytesArrive done once, by the thread that writes, before the first bytes are taken */
    public InMemoryArtifacts(Runnable whenBytesArrive) {
        this.whenBytesArrive = whenBytesArrive;
    }

    @Override
    public StoredArtifact write(Artifact artifact, Body body) throws IOException, InterruptedException {
        ObjectKey key = new ObjectKey(artifact.stem() + artifact.extension());
        synchronized (this) {
            if (!keys.add(key)) {
                throw new BackupException(
                        Kind.FAILED,
                        "artifact " + artifact.role(),
                        "would be stored under the key of another one, " + key,
                        "give each artifact its own stem");
            }
        }
        stopIfInterrupted();
        Plain plain = new Plain();
        Map<String, String> facts = body.writeTo(plain);
        stopIfInterrupted();
        byte[] bytes = plain.content.toByteArray();
        if (bytes.length == 0) {
            throw new BackupException(
                    Kind.SOURCE, "artifact " + artifact.role(), "is empty", "an empty file protects nothing");
        }
        StoredArtifact stored = StoredArtifact.builder(artifact.item(), artifact.role(), key)
                .ordinal(artifact.ordinal())
                .plainBytes(bytes.length)
                .storedBytes(bytes.length)
                .sha256(sha256(bytes))
                .facts(facts)
                .restoreHint("cat '" + key + "' " + artifact.restoreTail())
                .build();
        synchronized (this) {
            written.add(new Written(artifact, stored, bytes));
        }
        return stored;
    }

    @Override
    public synchronized void intend(ExternalReference reference) {
        intents.add(reference);
    }

    /** What was kept, as the source announced it, ascending by ordinal. */
    public synchronized List<Artifact> artifacts() {
        return written.stream()
                .map(each -> each.artifact)
                .sorted(Comparator.comparingInt(Artifact::ordinal))
                .toList();
    }

    /** What was kept, as the engine would record it, ascending by ordinal. */
    public synchronized List<StoredArtifact> stored() {
        return written.stream()
                .map(each -> each.stored)
                .sorted(Comparator.comparingInt(StoredArtifact::ordinal))
                .toList();
    }

    /**
     * The plain bytes of an artifact.
     *
     * @throws NoSuchElementException if none was kept under that key
     */
    public synchronized byte[] bytes(StoredArtifact artifact) {
        return written.stream()
                .filter(each -> each.stored.key().equals(artifact.key()))
                .findFirst()
                .orElseThrow()
                .bytes
                .clone();
    }

    /** The size in bytes of each artifact kept, by its key. */
    public synchronized SortedMap<String, Integer> sizes() {
        SortedMap<String, Integer> sizes = new TreeMap<>();
        written.forEach(each -> sizes.put(each.stored.key().value(), each.bytes.length));
        return sizes;
    }

    /** What the source announced to make outside the sink, in that order. */
    public synchronized List<ExternalReference> intents() {
        return List.copyOf(intents);
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void stopIfInterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("asked to stop");
        }
    }

    private final class Plain extends OutputStream {
        final ByteArrayOutputStream content = new ByteArrayOutputStream();

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (begun.compareAndSet(false, true)) {
                whenBytesArrive.run();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("asked to stop");
            }
            content.write(bytes, offset, length);
        }
    }
}
