package cloud.lvs.backup.runner.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "completion", description = "Print a completion script for bash: source <(lvs-backup completion)")
final class CompletionCommand implements Callable<Integer> {
    private final Cli cli;

    @Spec
    @Nullable
    CommandSpec spec;

    CompletionCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        if (spec != null) {
            cli.output().text(AutoComplete.bash("lvs-backup", spec.root().commandLine()));
        }
        return 0;
    }
}
