package cloud.lvs.backup.core.catalog;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.RunId;
import cloud.lvs.backup.spi.Verification;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JSON documents of the journal. Unknown members are ignored, so that a later version may add some; a document of a
 * later format version is refused.
 */
public final class JournalDocuments {
    // Costly to make and safe to share.
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .addModule(new SimpleModule("lvs-backup")
                    .addSerializer(BackupId.class, ToStringSerializer.instance)
                    .addSerializer(RunId.class, ToStringSerializer.instance)
                    .addSerializer(ObjectKey.class, ToStringSerializer.instance)
                    .addDeserializer(BackupId.class, new Text<>(BackupId.class, BackupId::parse))
                    .addDeserializer(RunId.class, new Text<>(RunId.class, RunId::new))
                    .addDeserializer(ObjectKey.class, new Text<>(ObjectKey.class, ObjectKey::new)))
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .build();

    /** What began. */
    public enum Origin {
        RUN,
        ADOPT,
        COPY
    }

    /**
     * {@code begun.json}.
     *
     * @param kind what began
     * @param owner where, e.g. {@code node-1/4711}
     * @param origin the backup that is being copied, or null
     */
    public record Begun(
            int formatVersion, Origin kind, BackupId id, String owner, Instant at, Manifest.@Nullable Origin origin) {}

    /** {@code intent-{n}.json}: the key of an object, or something outside the sink. */
    public record Intended(
            @Nullable ObjectKey key, @Nullable ExternalReference external) {}

    /** {@code verified-{level}.json}. */
    public record Verified(Level level, Instant at, Verification verification) {}

    /**
     * {@code drilled.json}.
     *
     * @param at when the drill began
     * @param rpoSeconds how old the backup was then
     * @param rtoSeconds how long the restore took
     */
    public record Drilled(
            Instant at, double rpoSeconds, double rtoSeconds, List<Phase> phases, Verification verification) {
        /** A part of the drill. */
        public record Phase(String name, double seconds) {}
    }

    /** {@code held.json}, {@code abandoned-{mark}.json}. */
    public record Note(String reason, String owner, Instant at) {}

    /**
     * {@code signature.json}: over the exact bytes of the manifest.
     *
     * @param signature base64; null if the document lacks it
     */
    public record Signature(String algorithm, @Nullable String signature) {}

    /** The bytes to store. */
    public byte[] write(Object document) {
        try {
            return MAPPER.writeValueAsBytes(document);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(
                    "cannot write " + document.getClass().getSimpleName(), e);
        }
    }

    /**
     * Reads a document.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is not one
     */
    public <T> T read(ObjectKey key, byte[] content, Class<T> type) throws BackupException {
        T document;
        try {
            document = MAPPER.readValue(content, type);
        } catch (IOException e) {
            throw damaged(key, inPlainWords(e, content.length), e);
        }
        if (document == null) {
            throw damaged(key, "it is empty", null);
        }
        if (document instanceof Manifest manifest && manifest.formatVersion() > Manifest.FORMAT_VERSION) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    "object " + key,
                    "has format version " + manifest.formatVersion() + ", this version reads up to "
                            + Manifest.FORMAT_VERSION,
                    "use a newer lvs-backup");
        }
        return document;
    }

    private static BackupException damaged(ObjectKey key, String how, @Nullable Throwable cause) {
        return new BackupException(
                Kind.VERIFICATION,
                "object " + key,
                "is damaged: " + how,
                "the store damaged it, or something else wrote it: use another backup, or a copy of this one",
                cause);
    }

    private static String inPlainWords(IOException e, int length) {
        if (length == 0) {
            return "it is empty";
        }
        if (e instanceof JsonEOFException
                || e instanceof JsonParseException parse && parse.getLocation().getByteOffset() >= length) {
            return "it is cut off after " + length + " bytes";
        }
        if (e instanceof JsonParseException) {
            return "it is not JSON";
        }
        // The values of our own types say what is wrong with them.
        return e.getCause() instanceof IllegalArgumentException ours && ours.getMessage() != null
                ? ours.getMessage()
                : "it is JSON, but not the document that belongs there";
    }

    private static final class Text<T> extends FromStringDeserializer<T> {
        private static final long serialVersionUID = 1L;

        private final transient Function<String, T> parse;

        Text(Class<T> type, Function<String, T> parse) {
            super(type);
            this.parse = parse;
        }

        @Override
        protected T _deserialize(String value, DeserializationContext context) throws IOException {
            try {
                return parse.apply(value);
            } catch (IllegalArgumentException e) {
                JsonParser parser = context.getParser();
                throw new com.fasterxml.jackson.databind.JsonMappingException(
                        parser, String.valueOf(e.getMessage()), e);
            }
        }
    }
}
