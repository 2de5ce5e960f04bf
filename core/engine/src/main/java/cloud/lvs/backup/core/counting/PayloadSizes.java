package cloud.lvs.backup.core.counting;

import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether payload is there with the stated sizes: a few objects are asked for one by one, many are listed once. */
public final class PayloadSizes {
    private static final int FEW = 64;

    private final Sink sink;
    /** By key, of those that were asked for; null as long as objects are asked for one by one. */
    private @Nullable Map<String, Long> listed;

    public PayloadSizes(Sink sink) {
        this.sink = sink;
    }

    /** Gets ready for the comparison with these manifests. */
    public void prepare(Collection<Manifest> manifests) throws IOException, InterruptedException {
        Set<String> keys = manifests.stream()
                .flatMap(manifest -> manifest.artifacts().stream())
                .map(artifact -> artifact.key().value())
                .collect(Collectors.toSet());
        listed = keys.size() <= FEW ? null : list(keys);
    }

    private Map<String, Long> list(Set<String> keys) throws IOException, InterruptedException {
        Map<String, Long> sizes = new HashMap<>();
        try (Stream<StoredObject> listing = sink.list(commonPrefix(keys))) {
            for (Iterator<StoredObject> objects = listing.iterator(); objects.hasNext(); ) {
                StoredObject object = objects.next();
                if (keys.contains(object.key())) {
                    sizes.put(object.key(), object.sizeBytes());
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return sizes;
    }

    private static String commonPrefix(Set<String> keys) {
        String prefix = keys.iterator().next();
        for (String key : keys) {
            while (!key.startsWith(prefix)) {
                prefix = prefix.substring(0, prefix.length() - 1);
            }
        }
        return prefix;
    }

    /** How an artifact differs from what its manifest says, e.g. {@code 2026/11/x.db is missing}; empty if it does not. */
    public String compare(StoredArtifact artifact) throws IOException, InterruptedException {
        Long bytes = bytes(artifact);
        if (bytes == null) {
            return artifact.key() + " is missing";
        }
        return bytes == artifact.storedBytes()
                ? ""
                : artifact.key() + " has " + bytes + " bytes, " + artifact.storedBytes() + " were stored";
    }

    private @Nullable Long bytes(StoredArtifact artifact) throws IOException, InterruptedException {
        Map<String, Long> known = listed;
        if (known != null) {
            return known.get(artifact.key().value());
        }
        Optional<StoredObject> object = sink.stat(artifact.key());
        return object.map(StoredObject::sizeBytes).orElse(null);
    }
}
