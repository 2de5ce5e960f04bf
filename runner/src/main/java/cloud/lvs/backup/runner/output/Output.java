package cloud.lvs.backup.runner.output;

import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.core.report.TerminalText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Standard output: what was asked for and nothing else. A reader that went away or a full disk is an error: a result that
 * nobody got must not look like success.
 */
public final class Output {
    private final OutputStream out;
    private final Redactions redactions;

    public Output(OutputStream out, Redactions redactions) {
        this.out = out;
        this.redactions = redactions;
    }

    /** Prints {@code tree} as a document, or the text that people read. */
    public void print(OutputFormat format, @Nullable Object tree, Supplier<String> text) throws OutputException {
        if (format == OutputFormat.TABLE) {
            text(TerminalText.lines(redactions.mask(text.get())));
        } else {
            document(format, tree);
        }
    }

    /** Prints a text as it is, with secrets masked. */
    public void text(String text) throws OutputException {
        bytes(redactions.mask(text).getBytes(StandardCharsets.UTF_8));
    }

    /** Prints a document. */
    public void document(OutputFormat format, @Nullable Object tree) throws OutputException {
        var bytes = new ByteArrayOutputStream();
        try {
            new DocumentWriter(redactions)
                    .write(tree, format == OutputFormat.TABLE ? OutputFormat.JSON : format, bytes);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        bytes(bytes.toByteArray());
    }

    /** Prints what is finished, with secrets masked already. */
    public void bytes(byte[] bytes) throws OutputException {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw new OutputException(e);
        }
    }

    /** Standard output does not take what is printed. */
    public static final class OutputException extends IOException {
        private static final long serialVersionUID = 1L;

        OutputException(IOException cause) {
            super("cannot be written: " + cause.getMessage(), cause);
        }
    }
}
