package cloud.lvs.backup.runner.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes trees of maps, lists, texts, numbers, booleans, times (to the second) and nulls as JSON or YAML, with secrets masked. */
public final class DocumentWriter {
    private final Redactions redactions;

    public DocumentWriter(Redactions redactions) {
        this.redactions = redactions;
    }

    /** Writes a document and a line end; leaves {@code out} open. */
    public void write(@Nullable Object tree, OutputFormat format, OutputStream out) throws IOException {
        try (JsonGenerator generator = generator(format, out)) {
            write(tree, generator);
        }
        if (format != OutputFormat.YAML) {
            out.write('\n');
        }
        out.flush();
    }

    private static JsonGenerator generator(OutputFormat format, OutputStream out) throws IOException {
        if (format == OutputFormat.YAML) {
            return YAMLFactory.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                    .disable(YAMLGenerator.Feature.SPLIT_LINES)
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .build()
                    .createGenerator(out);
        }
        var indent = new DefaultIndenter("  ", "\n");
        return JsonFactory.builder()
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(out)
                .setPrettyPrinter(new DefaultPrettyPrinter()
                        .withArrayIndenter(indent)
                        .withObjectIndenter(indent)
                        .withSeparators(Separators.createDefaultInstance()
                                .withObjectFieldValueSpacing(Separators.Spacing.AFTER)));
    }

    private void write(@Nullable Object value, JsonGenerator generator) throws IOException {
        if (value == null) {
            generator.writeNull();
        } else if (value instanceof Map<?, ?> map) {
            generator.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                generator.writeFieldName(redactions.mask(String.valueOf(entry.getKey())));
                write(entry.getValue(), generator);
            }
            generator.writeEndObject();
        } else if (value instanceof List<?> list) {
            generator.writeStartArray();
            for (Object element : list) {
                write(element, generator);
            }
            generator.writeEndArray();
        } else if (value instanceof Boolean flag) {
            generator.writeBoolean(flag);
        } else if (value instanceof Integer || value instanceof Long) {
            generator.writeNumber(((Number) value).longValue());
        } else if (value instanceof Number number) {
            generator.writeNumber(new BigDecimal(number.toString()));
        } else if (value instanceof Instant time) {
            generator.writeString(time.truncatedTo(ChronoUnit.SECONDS).toString());
        } else {
            generator.writeString(redactions.mask(value.toString()));
        }
    }
}
