package cloud.lvs.backup.runner.output;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sets Logback up in code: no XML is looked for, and every line passes the masking of the console. */
final class Logging {
    /** How log lines look. */
    enum Encoding {
        TEXT,
        JSON
    }

    private static final String OWN = "lvs-backup";
    /** What it signs, and logs when asked for detail, holds session tokens and keys of encryption that nobody told us of. */
    private static final String SIGNING_OF_THE_AWS_SDK = "software.amazon.awssdk.http.auth";

    /** Logs with two traces that its library cannot be loaded, which is also thrown. */
    private static final String SQLITE = "org.sqlite";

    private Logging() {}

    /** Starts JSON lines and returns the logger for those of the runner itself; libraries stay silent. */
    static Logger json(Console console) {
        start(console, Encoding.JSON, org.slf4j.event.Level.ERROR);
        return LoggerFactory.getLogger(OWN);
    }

    static void start(Console console, Encoding encoding, org.slf4j.event.Level level) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        Encoder<ILoggingEvent> encoder = encoding == Encoding.JSON ? new JsonLineEncoder(OWN) : text();
        encoder.setContext(context);
        encoder.start();
        var appender = new ConsoleAppender(console, encoder);
        appender.setContext(context);
        appender.start();
        ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(level.toString()));
        root.addAppender(appender);
        context.getLogger(OWN).setLevel(Level.INFO);
        context.getLogger(SIGNING_OF_THE_AWS_SDK).setLevel(Level.WARN);
        if (level.toInt() > org.slf4j.event.Level.DEBUG.toInt()) {
            context.getLogger(SQLITE).setLevel(Level.OFF);
        }
    }

    private static Encoder<ILoggingEvent> text() {
        var encoder = new PatternLayoutEncoder();
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{20} %msg%n");
        return encoder;
    }

    private static final class ConsoleAppender extends AppenderBase<ILoggingEvent> {
        private final Console console;
        private final Encoder<ILoggingEvent> encoder;

        ConsoleAppender(Console console, Encoder<ILoggingEvent> encoder) {
            this.console = console;
            this.encoder = encoder;
        }

        @Override
        protected void append(ILoggingEvent event) {
            console.raw(new String(encoder.encode(event), StandardCharsets.UTF_8));
        }
    }
}
