package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.AdoptReport;
import cloud.lvs.backup.core.report.AdoptReport.State;
import cloud.lvs.backup.core.report.ReportJson;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "adopt",
        description = "Make backups of what another tool stored. Without --yes it only prints the plan.")
final class AdoptCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Option(names = "--yes", description = "Do it.")
    boolean yes;

    AdoptCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        Mode mode = yes ? cli.mode() : Mode.DRY_RUN;
        return cli.work(session -> {
            String name = session.oneJob("");
            return cli.attempt(name, "adopt", () -> {
                AdoptReport report = session.engine().adopt(session.job(name), mode);
                cli.print(ReportJson.of(report), () -> ReportText.of(report));
                boolean refused = false;
                for (AdoptReport.Candidate candidate : report.candidates()) {
                    if (candidate.state() == State.REFUSED) {
                        refused = true;
                        cli.console()
                                .warn("job " + name + ": adopt: " + candidate.id() + ": refused: " + candidate.reason()
                                        + " (nothing was changed; look at its objects)");
                    }
                }
                for (AdoptReport.LeftOut left : report.leftOut()) {
                    cli.console().warn("job " + name + ": adopt: " + left.key() + ": is left out: " + left.reason());
                }
                if (mode == Mode.DRY_RUN) {
                    cli.console().say("this is the plan, nothing was written; add --yes to do it");
                }
                return refused && mode == Mode.EXECUTE ? ExitCode.PARTIAL : ExitCode.OK;
            });
        });
    }
}
