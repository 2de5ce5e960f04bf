package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.ProgramVersion;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Show the version.")
final class VersionCommand implements Callable<Integer> {
    private final CommandContext cli;

    VersionCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        cli.print(
                new JsonObject().put("version", ProgramVersion.current()).put("java", ProgramVersion.java()),
                () -> "lvs-backup " + ProgramVersion.current() + " (Java " + ProgramVersion.java() + ")\n");
        return 0;
    }
}
