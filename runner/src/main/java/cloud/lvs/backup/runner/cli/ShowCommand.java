package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.Job;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.output.Trees;
import cloud.lvs.backup.spi.Manifest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "show", description = "Show what a backup holds and how to restore it by hand.")
final class ShowCommand implements Callable<Integer> {
    private final Cli cli;

    @Parameters(paramLabel = "ID", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    ShowCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(work -> {
            String name = work.oneJob(id);
            return cli.attempt(name, "show", () -> {
                Job job = work.job(name);
                Manifest manifest = work.engine().show(job, work.engine().resolve(job, id));
                cli.print(Trees.manifest(manifest), () -> Words.manifest(manifest));
                return ExitCode.OK;
            });
        });
    }
}
