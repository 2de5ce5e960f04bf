package cloud.lvs.backup.core.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes values that a {@link JsonObject} can hold, with secrets masked. Thread-safe. */
public final class JsonWriter {
    private final Redactions secrets;

    public JsonWriter(Redactions secrets) {
        this.secrets = secrets;
    }

    /** A value as indented JSON, without a line end behind it. */
    public String json(@Nullable Object value) {
        var indent = new DefaultIndenter("  ", "\n");
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator generator = JsonFactory.builder()
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(bytes)
                .setPrettyPrinter(new DefaultPrettyPrinter()
                        .withArrayIndenter(indent)
                        .withObjectIndenter(indent)
                        .withSeparators(Separators.createDefaultInstance()
                                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)))) {
            write(value, generator);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** Writes a value in the format of a generator, e.g. YAML; leaves it open. */
    public void write(@Nullable Object value, JsonGenerator generator) throws IOException {
        writePlain(JsonObject.plain(value), generator);
    }

    private void writePlain(@Nullable Object value, JsonGenerator generator) throws IOException {
        if (value == null) {
            generator.writeNull();
        } else if (value instanceof Map<?, ?> map) {
            generator.writeStartObject();
            for (Map.Entry<?, ?> member : map.entrySet()) {
                generator.writeFieldName(secrets.mask(String.valueOf(member.getKey())));
                writePlain(member.getValue(), generator);
            }
            generator.writeEndObject();
        } else if (value instanceof List<?> list) {
            generator.writeStartArray();
            for (Object element : list) {
                writePlain(element, generator);
            }
            generator.writeEndArray();
        } else if (value instanceof Boolean flag) {
            generator.writeBoolean(flag);
        } else if (value instanceof Integer || value instanceof Long) {
            generator.writeNumber(((Number) value).longValue());
        } else if (value instanceof Number number) {
            generator.writeNumber(new BigDecimal(number.toString()));
        } else {
            generator.writeString(secrets.mask(value.toString()));
        }
    }
}
