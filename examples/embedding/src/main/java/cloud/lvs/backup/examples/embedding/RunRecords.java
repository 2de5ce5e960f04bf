package cloud.lvs.backup.examples.embedding;

import cloud.lvs.backup.core.LibraryContext;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.core.report.RunReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** What an application keeps of a run: lines in its log, and a document for other programs. */
final class RunRecords {
    private final Consumer<String> log;
    private final Path directory;

    RunRecords(Consumer<String> log, Path directory) {
        this.log = log;
        this.directory = directory;
    }

    /** Keeps a report, without the secrets that the context knows. */
    void keep(RunReport report, LibraryContext context) throws IOException {
        // tag::report[]
        Redactions secrets = context.secrets();

        log.accept(secrets.mask(ReportText.of(report)));
        Files.writeString(directory.resolve("run.json"), ReportJson.of(report).toString(secrets));
        // end::report[]
    }
}
