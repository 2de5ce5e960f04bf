package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.cli.session.SinkOption;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "hold", description = "Keep a backup from being pruned, until it is released.")
final class HoldCommand implements Callable<Integer> {
    private static final String NOT_HELD = "not held";

    private final CommandContext cli;

    @Parameters(paramLabel = "ID", description = "The backup, a unique beginning of its id, or latest.")
    String id = "";

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for whoever looks later.")
    String reason = "";

    @Option(names = "--release", description = "End the hold.")
    boolean release;

    @Mixin
    SinkOption sink = new SinkOption();

    HoldCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        return cli.work(session -> {
            String name = session.oneJob(id);
            return cli.attempt(name, release ? "release" : "hold", () -> {
                Job job = sink.job(session, name);
                BackupId backup = session.engine().resolve(job, id);
                String state = release ? release(session, job, backup) : hold(session, job, backup);
                cli.print(
                        new JsonObject().put("id", backup).put("state", state).put("reason", reason),
                        () -> backup + " " + (state.startsWith("would") ? "" : "is ") + state + "\n");
                return ExitCode.OK;
            });
        });
    }

    private String hold(Session session, Job job, BackupId backup) throws IOException, InterruptedException {
        if (cli.mode() == Mode.DRY_RUN) {
            return "would be held";
        }
        session.engine().hold(job, backup, reason);
        return "held";
    }

    private String release(Session session, Job job, BackupId backup) throws IOException, InterruptedException {
        if (cli.mode() == Mode.DRY_RUN) {
            boolean held = session.engine().list(job).stream()
                    .anyMatch(each -> each.id().equals(backup) && each.hold() == BackupSummary.Hold.HELD);
            return held ? "would be released" : NOT_HELD;
        }
        return session.engine().release(job, backup) ? "released" : NOT_HELD;
    }
}
