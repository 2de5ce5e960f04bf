package com.example.backup;

import cloud.lvs.backup.spi.*;
import cloud.lvs.backup.toolkit.*;
import java.io.*;
import java.nio.file.*;
import java.time.Instant;
import java.util.*;
import java.util.stream.Stream;

/** {@code type: folder}: a file per object, at the path that its key says. Named in {@code META-INF/services}. */
public final class FolderSinkProvider implements SinkProvider<FolderSinkProvider.Config> {
    @Doc("Keeps every object as a file.")
    public record Config(@Doc("The folder; it must exist.") Path path) {}

    @Override
    public String type() {
        return "folder";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Sink create(Config config, ProviderContext context) {
        return new FolderSink(config.path().toAbsolutePath());
    }

    /** Objects lie in {@code objects}, what is being written in {@code parts}; for their owner alone. */
    private record FolderSink(Path folder) implements Sink {
        @Override
        public ObjectWriter create(ObjectKey key, Map<String, String> metadata) throws BackupException {
            StagedFile part = stage(key);
            return new ObjectWriter() {
                @Override
                public OutputStream body() {
                    return part.body();
                }

                @Override
                public StoredObject commit() throws BackupException {
                    try {
                        part.moveTo(pathOf(key));
                        return stat(key).orElseThrow(() -> new NoSuchFileException(key.value()));
                    } catch (IOException e) {
                        throw failed("commit object " + key, e);
                    }
                }

                @Override
                public void close() throws IOException {
                    part.close();
                }
            };
        }

        @Override
        public Creation createIfAbsent(ObjectKey key, byte[] content) throws BackupException {
            try (StagedFile part = stage(key)) {
                part.body().write(content);
                part.linkTo(pathOf(key));
                return Creation.CREATED;
            } catch (FileAlreadyExistsException e) {
                return Creation.EXISTS;
            } catch (UnsupportedOperationException e) {
                return Creation.UNSUPPORTED;
            } catch (IOException e) {
                throw failed("create object " + key, e);
            }
        }

        private StagedFile stage(ObjectKey key) throws BackupException {
            try {
                OwnerOnly.createDirectories(parts());
                OwnerOnly.createDirectories(pathOf(key).getParent());
                Path part = parts().resolve(KeyStem.sha256(key.value()) + "." + UUID.randomUUID());
                return new StagedFile(part, e -> failed("write object " + key, e));
            } catch (IOException e) {
                throw failed("write object " + key, e);
            }
        }

        /** Fails without the folder: where a disk is not mounted, a new one would take the backups in its place. */
        private Path parts() throws IOException {
            return folder.toRealPath().resolve("parts");
        }

        private Path pathOf(ObjectKey key) {
            return folder.resolve("objects").resolve(key.value());
        }

        private BackupException failed(String doing, Exception e) {
            return e instanceof BackupException told ? told : new BackupException(
                    Kind.SINK, "folder " + folder, "cannot " + doing + ": " + e, "see that it is there, with room", e);
        }

        @Override
        public Optional<StoredObject> stat(ObjectKey key) {
            File file = pathOf(key).toFile();
            var object = new StoredObject(key.value(), file.length(), Instant.ofEpochMilli(file.lastModified()));
            return file.isFile() ? Optional.of(object) : Optional.empty();
        }

        @Override
        public InputStream open(ObjectKey key) throws BackupException {
            if (!Files.isRegularFile(pathOf(key))) {
                throw new BackupException(Kind.NOT_FOUND, "object " + key, "is not in " + folder, "list what is there");
            }
            try {
                return CompleteInputStream.of(pathOf(key), failed("read object " + key, new EOFException("it was cut")));
            } catch (IOException e) {
                throw failed("read object " + key, e);
            }
        }

        @Override
        public Stream<StoredObject> list(String prefix) throws BackupException {
            SortedMap<String, StoredObject> found = new TreeMap<>();
            Path objects = folder.resolve("objects");
            try (Stream<Path> files = Files.walk(folder)) {
                var below = files.filter(each -> each.startsWith(objects) && !each.equals(objects));
                for (Path file : (Iterable<Path>) below::iterator) {
                    String key = objects.relativize(file).toString();
                    stat(new ObjectKey(key)).filter(each -> key.startsWith(prefix)).ifPresent(each -> found.put(key, each));
                }
            } catch (IOException | UncheckedIOException e) {
                throw failed("list", e);
            }
            return found.values().stream();
        }

        @Override
        public DeleteReport delete(Collection<ObjectKey> keys) {
            Map<ObjectKey, String> refused = new HashMap<>();
            for (ObjectKey key : keys) {
                try (var parts = Files.newDirectoryStream(parts(), KeyStem.sha256(key.value()) + ".*")) {
                    for (Path part : parts) {
                        Files.deleteIfExists(part);
                    }
                    if (Files.isRegularFile(pathOf(key))) {
                        Files.deleteIfExists(pathOf(key));
                    }
                } catch (IOException | DirectoryIteratorException e) {
                    refused.put(key, e.toString());
                }
            }
            return new DeleteReport(refused);
        }

        @Override
        public String fetchCommand(ObjectKey key) {
            return "cat " + ShellWord.quote(pathOf(key).toString());
        }

        @Override
        public void close() {}
    }
}
