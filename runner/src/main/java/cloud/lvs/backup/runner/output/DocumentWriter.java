package cloud.lvs.backup.runner.output;

import cloud.lvs.backup.core.report.JsonWriter;
import cloud.lvs.backup.core.report.Redactions;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes what a {@link cloud.lvs.backup.core.report.JsonObject} can hold as JSON or YAML, with secrets masked. */
public final class DocumentWriter {
    private final JsonWriter json;

    public DocumentWriter(Redactions redactions) {
        this.json = new JsonWriter(redactions);
    }

    /** Writes a document and a line end; leaves {@code out} open. */
    public void write(@Nullable Object document, OutputFormat format, OutputStream out) throws IOException {
        if (format == OutputFormat.YAML) {
            try (JsonGenerator generator = yaml(out)) {
                json.write(document, generator);
            }
        } else {
            out.write((json.json(document) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        out.flush();
    }

    private static JsonGenerator yaml(OutputStream out) throws IOException {
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
}
