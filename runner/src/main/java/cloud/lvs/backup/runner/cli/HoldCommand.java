package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.BackupEngine.Mode;
import cloud.lvs.backup.core.Job;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.output.Trees;
import cloud.lvs.backup.spi.BackupId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "hold", description = "Keep a backup from being pruned, until it is released.")
final class HoldCommand implements Callable<Integer> {
    private final Cli cli;

    @Parameters(paramLabel = "ID", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for whoever looks later.")
    String reason = "";

    @Option(names = "--release", description = "End the hold.")
    boolean release;

    HoldCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(work -> {
            String name = work.oneJob(id);
            return cli.attempt(name, release ? "release" : "hold", () -> {
                Job job = work.job(name);
                BackupId backup = work.engine().resolve(job, id);
                boolean dry = cli.mode() == Mode.DRY_RUN;
                if (!dry && release) {
                    work.engine().release(job, backup);
                } else if (!dry) {
                    work.engine().hold(job, backup, reason);
                }
                String state = (dry ? "would be " : "") + (release ? "released" : "held");
                cli.print(
                        Trees.tree("id", backup, "state", state, "reason", reason),
                        () -> backup + " " + (dry ? "" : "is ") + state + "\n");
                return ExitCode.OK;
            });
        });
    }
}
