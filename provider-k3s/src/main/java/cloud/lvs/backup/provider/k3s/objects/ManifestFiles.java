package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Format;
import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import cloud.lvs.backup.provider.k3s.files.Directories;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes objects below a private directory: a file each, and as YAML all of them in one file too, in the order to apply them in.
 * Readable by their owner alone, whatever they are: there are secrets in more than Secrets.
 */
final class ManifestFiles implements AutoCloseable {
    static final String ALL = "all.yaml";

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path directory;
    private final Format format;
    private final OutputStream all;
    private final ObjectWriter json = JsonMapper.builder().build().writerWithDefaultPrettyPrinter();
    private final YamlWriter yaml = new YamlWriter();

    /** @param directory empty, and nobody else's */
    ManifestFiles(Path directory, Format format) throws IOException {
        this.directory = directory;
        this.format = format;
        this.all = format == Format.YAML
                ? new BufferedOutputStream(create(directory.resolve(ALL)), BUFFER_BYTES)
                : OutputStream.nullOutputStream();
    }

    static String extension(Format format) {
        return format == Format.YAML ? ".yaml" : ".json";
    }

    /** @param file relative, of a directory and a name */
    void write(String file, StoredObject object, String note) throws IOException {
        byte[] bytes = bytes(object, note);
        Path path = directory.resolve(file);
        Path parent = Objects.requireNonNull(path.getParent());
        if (!Files.isDirectory(parent)) {
            Directories.createPrivate(parent);
        }
        try (OutputStream out = create(path)) {
            out.write(bytes);
        }
        if (format == Format.YAML) {
            all.write("---\n".getBytes(StandardCharsets.UTF_8));
            all.write(bytes);
        }
    }

    private byte[] bytes(StoredObject object, String note) throws IOException {
        if (format == Format.JSON) {
            return (json.writeValueAsString(object.json()) + "\n").getBytes(StandardCharsets.UTF_8);
        }
        String comment = note.isEmpty() ? "" : "# " + note + "\n";
        return (comment + yaml.document(object.json())).getBytes(StandardCharsets.UTF_8);
    }

    private static OutputStream create(Path file) throws IOException {
        return Channels.newOutputStream(Files.newByteChannel(
                file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY));
    }

    /** Ends the writing; gives what lies in the directory. */
    List<Path> finish() throws IOException {
        all.close();
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }

    @Override
    public void close() throws IOException {
        all.close();
    }
}
