package cloud.lvs.backup.runner.output;

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
        Logging.start(this, lines instanceof Logged ? Logging.Shape.JSON : Logging.Shape.TEXT, level);
    }

    /** Something that went well. */
    public void say(String line) {
        say(Subject.NONE, line);
    }

    /** As {@link #say(String)}, about a job. */
    public void say(Subject subject, String line) {
        lines.write(Level.INFO, subject, line);
    }

    /** Something to look at. */
    public void warn(String line) {
        warn(Subject.NONE, line);
    }

    /** As {@link #warn(String)}, about a job. */
    public void warn(Subject subject, String line) {
        lines.write(Level.WARN, subject, line);
    }

    /** Something that went wrong. */
    public void error(String line) {
        error(Subject.NONE, line);
    }

    /** As {@link #error(String)}, about a job. */
    public void error(Subject subject, String line) {
        lines.write(Level.ERROR, subject, line);
    }

    /** What went wrong in detail. */
    public void trace(Throwable thrown) {
        lines.trace(thrown);
    }

    /** Replaces the line that shows progress on a terminal; an empty one takes it away. */
    public synchronized void paint(String line) {
        if (painted || !line.isEmpty()) {
            err.print(ERASE + Printable.line(redactions.mask(line)));
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
        err.print(Printable.lines(redactions.mask(text)));
        err.flush();
    }

    private interface Lines {
        void write(Level level, Subject subject, String line);

        void trace(Throwable thrown);
    }

    private final class Plain implements Lines {
        @Override
        public void write(Level level, Subject subject, String line) {
            raw(Printable.line(redactions.mask(line)) + "\n");
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
        public void write(Level level, Subject subject, String line) {
            LoggingEventBuilder event = logger.atLevel(level);
            for (Map.Entry<String, String> field : subject.fields().entrySet()) {
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
