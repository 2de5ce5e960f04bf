package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Where unfinished writes lie: {@code .lvs-staging/<SHA-256 of the key>-<random>}. The name leads from a key to its
 * leftovers whatever the key's length, and a killed process' leftovers go when its key is deleted. Those of a key
 * that nobody deletes, such as a document of the journal, go with a later deletion when they are a week old.
 */
final class Staging {
    private static final Duration DEAD_AFTER = Duration.ofDays(7);
    private static final int HASH_LENGTH = 64;

    private final DirectoryTree tree;
    private final Path directory;

    Staging(DirectoryTree tree) {
        this.tree = tree;
        this.directory = tree.root().resolve(DirectoryTree.STAGING);
    }

    /** Begins a file for an object of this key. */
    PartFile open(ObjectKey key) throws IOException {
        tree.makeDirectory(directory);
        Path file = directory.resolve(nameOf(key) + "-" + UUID.randomUUID());
        tree.makeFile(file);
        return new PartFile(file);
    }

    /**
     * Removes what lies here for these keys.
     *
     * @return the keys for which that failed, with the reason
     */
    Map<ObjectKey, String> discard(Collection<ObjectKey> keys) throws IOException {
        List<Path> leftovers = list();
        if (leftovers.isEmpty()) {
            return Map.of();
        }
        Map<String, ObjectKey> wanted = new HashMap<>();
        keys.forEach(key -> wanted.put(nameOf(key), key));
        Map<ObjectKey, String> refused = new HashMap<>();
        // The directory changes with every write that begins or ends, by the clock that dates the files.
        Instant dead = Files.getLastModifiedTime(directory).toInstant().minus(DEAD_AFTER);
        for (Path leftover : leftovers) {
            String name = leftover.getFileName().toString();
            ObjectKey key = wanted.get(name.substring(0, Math.max(0, name.indexOf('-'))));
            if (key == null) {
                discardDead(leftover, name, dead);
                continue;
            }
            try {
                Files.deleteIfExists(leftover);
            } catch (IOException e) {
                refused.put(key, DirectoryFailures.inWords(e));
            }
        }
        tree.sync(directory);
        return refused;
    }

    private static void discardDead(Path leftover, String name, Instant dead) {
        try {
            if (name.indexOf('-') == HASH_LENGTH
                    && Files.getLastModifiedTime(leftover, LinkOption.NOFOLLOW_LINKS)
                            .toInstant()
                            .isBefore(dead)) {
                Files.deleteIfExists(leftover);
            }
        } catch (IOException e) {
            // Its writer may have ended it just now; otherwise a later deletion tries again.
        }
    }

    private List<Path> list() throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
            stream.forEach(files::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    private static String nameOf(ObjectKey key) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(key.value().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
