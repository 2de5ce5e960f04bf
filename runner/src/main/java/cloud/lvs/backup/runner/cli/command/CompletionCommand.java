package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.shell.Shell;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        description = "Print the script that completes commands, options, jobs, sinks and ids in a shell.",
        footer = {
            "",
            "bash:  source <(lvs-backup completion bash)",
            "zsh:   source <(lvs-backup completion zsh)",
            "fish:  lvs-backup completion fish | source"
        })
final class CompletionCommand implements Callable<Integer> {
    private final CommandContext cli;

    @Parameters(
            paramLabel = "SHELL",
            arity = "0..1",
            defaultValue = "bash",
            description = "bash, zsh or fish (default: ${DEFAULT-VALUE}).")
    Shell shell = Shell.BASH;

    CompletionCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        cli.output().text(shell.script());
        return 0;
    }
}
