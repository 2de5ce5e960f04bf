package cloud.lvs.backup.runner.output;

import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.core.report.TerminalText;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Standard error: lines for the operator, with secrets masked; as JSON log lines if asked for. Thread-safe. */
public final class Console {
    private static final String ERASE = "\r\u001B[K";

    private final PrintStream err;
    private final Redactions redactions;
    private volatile Lines lines = new Plain();
    private boolean painted;

    public Console(PrintStream err, Redactions redactions) {
        this.err = err;
        this.redactions = redactions;
    }

    /** From now on every line is a JSON log line. */
    public void useJson() {
        lines = new Logged(Logging.json(this));
    }

    /** From now on what libraries log appears too, from {@code level} up. */
    public void showLogs(Level level) {
        Logging.start(this, lines instanceof Logged ? Logging.Encoding.JSON : Logging.Encoding.TEXT, level);
    }

    /** Something that went well. */
    public void say(String line) {
        say(LogFields.NONE, line);
    }

    /** As {@link #say(String)}, about a job. */
    public void say(LogFields fields, String line) {
        lines.write(Level.INFO, fields, line);
    }

    /** Something to look at. */
    public void warn(String line) {
        warn(LogFields.NONE, line);
    }

    /** As {@link #warn(String)}, about a job. */
    public void warn(LogFields fields, String line) {
        lines.write(Level.WARN, fields, line);
    }

    /** Something that went wrong. */
    public void error(String line) {
        error(LogFields.NONE, line);
    }

    /** As {@link #error(String)}, about a job. */
    public void error(LogFields fields, String line) {
        lines.write(Level.ERROR, fields, line);
    }

    /** What went wrong in detail. */
    public void trace(Throwable thrown) {
        lines.trace(thrown);
    }

    /** Replaces the line that shows progress on a terminal; an empty one takes it away. */
    public synchronized void paint(String line) {
        if (painted || !line.isEmpty()) {
            err.print(ERASE + TerminalText.line(redactions.mask(line)));
            err.flush();
        }
        painted = !line.isEmpty();
    }

    /** Prints finished text, e.g. encoded log lines. */
    synchronized void raw(String text) {
        if (painted) {
            err.print(ERASE);
            painted = false;
        }
        err.print(TerminalText.lines(redactions.mask(text)));
        err.flush();
    }

    private interface Lines {
        void write(Level level, LogFields fields, String line);

        void trace(Throwable thrown);
    }

    private final class Plain implements Lines {
        @Override
        public void write(Level level, LogFields fields, String line) {
            raw(TerminalText.line(redactions.mask(line)) + "\n");
        }

        @Override
        public void trace(Throwable thrown) {
            var text = new StringWriter();
            thrown.printStackTrace(new PrintWriter(text));
            raw(text.toString().stripTrailing() + "\n");
        }
    }

    private record Logged(Logger logger) implements Lines {
        @Override
        public void write(Level level, LogFields fields, String line) {
            LoggingEventBuilder event = logger.atLevel(level);
            for (Map.Entry<String, String> field : fields.asMap().entrySet()) {
                event = event.addKeyValue(field.getKey(), field.getValue());
            }
            event.log(line);
        }

        @Override
        public void trace(Throwable thrown) {
            logger.error("in detail", thrown);
        }
    }
}
