package cloud.lvs.backup.runner.output;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/**
 * An event as one line of JSON: {@code time} (ISO 8601, UTC), {@code level}, what it is about ({@code job}, {@code stage},
 * {@code outcome}), {@code logger} where a library speaks, {@code message}, and {@code error} for a stack trace. Logback's own
 * encoder knows neither the time's format nor fields beside the message.
 */
final class JsonLineEncoder extends EncoderBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final byte[] NOTHING = {};

    private final JsonFactory json = new JsonFactory();
    private final String ownLogger;

    /** @param ownLogger the one whose name says nothing */
    JsonLineEncoder(String ownLogger) {
        this.ownLogger = ownLogger;
    }

    @Override
    public byte[] headerBytes() {
        return NOTHING;
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var line = new ByteArrayOutputStream();
        try (JsonGenerator fields = json.createGenerator(line)) {
            fields.writeStartObject();
            fields.writeStringField("time", TIME.format(event.getInstant()));
            fields.writeStringField("level", event.getLevel().toString());
            for (Map.Entry<String, String> field : subjectOf(event).entrySet()) {
                fields.writeStringField(field.getKey(), field.getValue());
            }
            if (!event.getLoggerName().equals(ownLogger)) {
                fields.writeStringField("logger", event.getLoggerName());
            }
            fields.writeStringField("message", event.getFormattedMessage());
            if (event.getThrowableProxy() != null) {
                fields.writeStringField("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            fields.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        line.write('\n');
        return line.toByteArray();
    }

    /** What the thread is at, and what the line itself says. */
    private static Map<String, String> subjectOf(ILoggingEvent event) {
        Map<String, String> subject = new LinkedHashMap<>(event.getMDCPropertyMap());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                subject.put(pair.key, String.valueOf(pair.value));
            }
        }
        return subject;
    }

    @Override
    public byte[] footerBytes() {
        return NOTHING;
    }
}
