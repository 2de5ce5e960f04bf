package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import cloud.lvs.backup.spi.Manifest;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "Show what a backup holds and how to restore it by hand.")
final class ShowCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Parameters(paramLabel = "ID", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    @Mixin
    SinkOption sink = new SinkOption();

    ShowCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(session -> {
            String name = session.oneJob(id);
            return cli.attempt(name, "show", () -> {
                Job job = sink.job(session, name);
                Manifest manifest = session.engine().show(job, session.engine().resolve(job, id));
                Optional<Note> hold = session.engine().reasonForHold(job, manifest.id());
                cli.print(ReportJson.of(manifest, hold), () -> ReportText.of(manifest, hold));
                return ExitCode.OK;
            });
        });
    }
}
