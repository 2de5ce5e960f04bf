package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.runner.output.Documents;
import cloud.lvs.backup.runner.output.Format;
import cloud.lvs.backup.runner.output.Redactions;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** Writes a report so that a reader finds the whole of it or the one before. */
final class ReportFile {
    private final Redactions redactions;

    ReportFile(Redactions redactions) {
        this.redactions = redactions;
    }

    @FunctionalInterface
    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** As JSON. */
    void write(Path file, Map<String, Object> document) throws IOException {
        write(file, out -> new Documents(redactions).write(document, Format.JSON, out));
    }

    /** As it is, with secrets masked. */
    void write(Path file, String text) throws IOException {
        write(file, out -> out.write(redactions.mask(text).getBytes(StandardCharsets.UTF_8)));
    }

    private static void write(Path file, Content content) throws IOException {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling(
                target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        try {
            // Not a channel: those are closed by an interrupt.
            try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
                content.writeTo(out);
                out.getFD().sync();
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
