package cloud.lvs.backup.core.directory;

import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Walks the files below a root in the order of their keys, holding the names of one directory per level.
 *
 * <p>That is not the order of a depth-first walk by name: {@code a-b} and {@code a.b} come before {@code a/b}. A directory is
 * sorted by its name with the slash behind it, which is how the keys of its files go on.
 */
final class KeyOrderedWalk implements Iterator<StoredObject> {
    /**
     * A name in a directory.
     *
     * @param key of the file; for a directory what the keys below it begin with, {@code /} at its end
     * @param lastModified null for a directory
     */
    private record Entry(
            String key, long sizeBytes, @Nullable Instant lastModified) {}

    private final DirectoryTree tree;
    private final String prefix;
    private final Deque<Iterator<Entry>> levels = new ArrayDeque<>();
    private boolean begun;
    private @Nullable StoredObject next;

    KeyOrderedWalk(DirectoryTree tree, String prefix) {
        this.tree = tree;
        this.prefix = prefix;
    }

    @Override
    public boolean hasNext() {
        try {
            if (!begun) {
                begin();
                begun = true;
            }
            while (next == null && !levels.isEmpty()) {
                Iterator<Entry> level = levels.element();
                if (!level.hasNext()) {
                    levels.remove();
                    continue;
                }
                Entry entry = level.next();
                if (entry.lastModified() != null) {
                    next = new StoredObject(entry.key(), entry.sizeBytes(), entry.lastModified());
                } else {
                    descend(entry.key());
                }
            }
            return next != null;
        } catch (IOException e) {
            throw new UncheckedIOException(tree.explain("list objects below '" + prefix + "'", e));
        }
    }

    @Override
    public StoredObject next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        StoredObject result = next;
        next = null;
        return result;
    }

    private void begin() throws IOException {
        int slash = prefix.lastIndexOf('/');
        String directory = prefix.substring(0, slash + 1);
        // No key has an empty segment or one of dots, but a path would go astray on them.
        boolean strays = slash >= 0
                && Stream.of(directory.substring(0, slash).split("/", -1))
                        .anyMatch(name -> name.isEmpty() || name.equals(".") || name.equals(".."));
        if (strays || DirectoryTree.isReserved(directory)) {
            return;
        }
        try {
            if (!tree.reachable(tree.root().resolve(directory))) {
                return;
            }
        } catch (InvalidPathException e) {
            return;
        }
        descend(directory);
    }

    private void descend(String directoryKey) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(tree.root().resolve(directoryKey))) {
            for (Path path : names) {
                String key = directoryKey + path.getFileName();
                if (DirectoryTree.isReserved(key) || !(key.startsWith(prefix) || prefix.startsWith(key))) {
                    continue;
                }
                Entry entry = entry(key, path);
                if (entry != null) {
                    entries.add(entry);
                }
            }
        } catch (NoSuchFileException e) {
            // Emptied and removed since the level above was read.
            return;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Entry[] sorted = entries.toArray(Entry[]::new);
        Arrays.sort(sorted, Comparator.comparing(Entry::key));
        levels.push(Arrays.asList(sorted).iterator());
    }

    private @Nullable Entry entry(String key, Path path) throws IOException {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
        if (attributes.isDirectory()) {
            String below = key + "/";
            return below.startsWith(prefix) || prefix.startsWith(below) ? new Entry(below, 0, null) : null;
        }
        return attributes.isRegularFile() && key.startsWith(prefix)
                ? new Entry(
                        key, attributes.size(), attributes.lastModifiedTime().toInstant())
                : null;
    }
}
