package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configurations of a backup target as a stream: that of a backup lists every block, some hundred bytes each.
 *
 * <p>The format is that of {@code backupstore.go} and {@code deltablock.go} of Longhorn's backupstore, from 1.5 on.
 */
final class ConfigurationReader {
    /** What a backup has that does not say. */
    private static final int DEFAULT_BLOCK_SIZE = 2 << 20;

    private static final int MAX_BLOCK_SIZE = 64 << 20;
    private static final Pattern CHECKSUM = Pattern.compile("[0-9a-f]{" + TargetKeys.CHECKSUM_DIGITS + "}");
    private static final Pattern QUANTITY = Pattern.compile("(?<number>\\d{1,12})(?<unit>|Ki|Mi)");

    private final JsonFactory json = new JsonFactory();

    /** Is told each block of a backup, in the order of the configuration. */
    @FunctionalInterface
    interface BlockVisitor {
        void visit(long offset, String checksum);
    }

    VolumeConfiguration volume(ObjectKey key, InputStream in) throws IOException {
        try {
            Fields fields = fields(in, (offset, checksum) -> {});
            return new VolumeConfiguration(
                    fields.required("Name"),
                    fields.number("Size"),
                    fields.text("CreatedTime"),
                    fields.text("LastBackupName"),
                    unquoted(fields.text("StorageClassName")),
                    unquoted(fields.text("BackingImageName")),
                    unquoted(fields.text("DataEngine")).isEmpty() ? "v1" : unquoted(fields.text("DataEngine")),
                    fields.map("Labels"));
        } catch (MalformedException | JsonProcessingException e) {
            throw unreadable(key, e);
        }
    }

    BackupConfiguration backup(ObjectKey key, InputStream in, BlockVisitor visitor) throws IOException {
        try {
            Fields fields = fields(in, visitor);
            String compression = fields.text("CompressionMethod");
            String blockSize = fields.map("Parameters").getOrDefault("backup-block-size", "");
            String mode = fields.map("Parameters").getOrDefault("backup-mode", "");
            return new BackupConfiguration(
                    fields.required("Name"),
                    fields.required("VolumeName"),
                    fields.text("SnapshotName"),
                    fields.instant("SnapshotCreatedAt"),
                    fields.instant("CreatedTime"),
                    fields.number("Size"),
                    fields.map("Labels"),
                    mode.isEmpty() ? (fields.text("IsIncremental").equals("true") ? "incremental" : "full") : mode,
                    blockSize(blockSize),
                    compression.isEmpty()
                            ? CompressionMethod.GZIP
                            : CompressionMethod.parse(compression)
                                    .orElseThrow(() -> new MalformedException(
                                            "CompressionMethod is '" + compression + "', not none, gzip or lz4")),
                    fields.blockCount);
        } catch (MalformedException | JsonProcessingException e) {
            throw unreadable(key, e);
        }
    }

    /** What is in a document that is not what it should be; its message says in plain words what. */
    private static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    private static BackupException unreadable(ObjectKey key, Exception e) {
        String problem =
                e instanceof JsonProcessingException ? "it is cut or is no JSON" : String.valueOf(e.getMessage());
        return new BackupException(
                Kind.VERIFICATION,
                "object " + key,
                "cannot be read as a configuration of Longhorn: " + problem,
                "make a new backup of this volume; use another backup until then",
                e);
    }

    /** The fields of one document by name: texts, and maps of texts. */
    private static final class Fields {
        private final Map<String, String> texts = new HashMap<>();
        private final Map<String, Map<String, String>> maps = new HashMap<>();
        private int blockCount;

        String text(String name) {
            return texts.getOrDefault(name, "");
        }

        Map<String, String> map(String name) {
            return maps.getOrDefault(name, Map.of());
        }

        String required(String name) throws MalformedException {
            if (text(name).isEmpty()) {
                throw new MalformedException(name + " is missing");
            }
            return text(name);
        }

        long number(String name) throws MalformedException {
            String text = required(name);
            if (!text.matches("\\d{1,18}")) {
                throw new MalformedException(name + " is '" + text + "', not a number of bytes");
            }
            return Long.parseLong(text);
        }

        @Nullable
        Instant instant(String name) throws MalformedException {
            String text = text(name);
            if (text.isEmpty()) {
                return null;
            }
            try {
                return Instant.parse(text);
            } catch (DateTimeParseException e) {
                throw new MalformedException(name + " is '" + text + "', not a time");
            }
        }
    }

    private Fields fields(InputStream in, BlockVisitor visitor) throws IOException, MalformedException {
        Fields fields = new Fields();
        try (JsonParser parser = json.createParser(in)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedException("it is empty or no object");
            }
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (value == JsonToken.START_ARRAY && name.equals("Blocks")) {
                    fields.blockCount = blocks(parser, visitor);
                } else if (value == JsonToken.START_OBJECT && (name.equals("Labels") || name.equals("Parameters"))) {
                    fields.maps.put(name, texts(parser));
                } else if (value.isStructStart()) {
                    parser.skipChildren();
                } else if (value != JsonToken.VALUE_NULL) {
                    fields.texts.put(name, parser.getText());
                }
            }
            if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
                throw new MalformedException("it is cut, or something follows its end");
            }
        }
        return fields;
    }

    private static Map<String, String> texts(JsonParser parser) throws IOException {
        Map<String, String> texts = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            if (value.isStructStart()) {
                parser.skipChildren();
            } else if (value != JsonToken.VALUE_NULL) {
                texts.put(name, parser.getText());
            }
        }
        return texts;
    }

    private static int blocks(JsonParser parser, BlockVisitor visitor) throws IOException, MalformedException {
        int count = 0;
        long previous = -1;
        while (parser.nextToken() == JsonToken.START_OBJECT) {
            long offset = -1;
            String checksum = "";
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                if (name.equals("Offset") && value == JsonToken.VALUE_NUMBER_INT) {
                    offset = parser.getLongValue();
                } else if (name.equals("BlockChecksum") && value == JsonToken.VALUE_STRING) {
                    checksum = parser.getText();
                } else if (value.isStructStart()) {
                    parser.skipChildren();
                }
            }
            if (offset <= previous) {
                throw new MalformedException(
                        "block " + (count + 1) + " has offset " + offset + ", which does not follow " + previous);
            }
            if (!CHECKSUM.matcher(checksum).matches()) {
                throw new MalformedException("the block at offset " + offset + " has no checksum of "
                        + TargetKeys.CHECKSUM_DIGITS + " hex digits");
            }
            visitor.visit(offset, checksum);
            previous = offset;
            count++;
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw new MalformedException("its list of blocks is cut");
        }
        return count;
    }

    /** A Kubernetes quantity; empty or 0 means the default. */
    private static int blockSize(String text) throws MalformedException {
        if (text.isEmpty() || text.equals("0")) {
            return DEFAULT_BLOCK_SIZE;
        }
        Matcher matcher = QUANTITY.matcher(text);
        if (matcher.matches()) {
            int shift = matcher.group("unit").equals("Mi")
                    ? 20
                    : matcher.group("unit").equals("Ki") ? 10 : 0;
            long bytes = Long.parseLong(matcher.group("number")) << shift;
            if (bytes > 0 && bytes <= MAX_BLOCK_SIZE && bytes % DEFAULT_BLOCK_SIZE == 0) {
                return (int) bytes;
            }
        }
        throw new MalformedException("backup-block-size is '" + text + "', not a multiple of 2 MiB up to 64 MiB");
    }

    /** Go's {@code ,string} option writes a text as a JSON text within a text. */
    private static String unquoted(String text) {
        return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1)
                : text;
    }
}
