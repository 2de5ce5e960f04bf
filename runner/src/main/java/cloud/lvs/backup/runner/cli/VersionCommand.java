package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.runner.output.JsonDocuments;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "version", description = "Show the version.")
final class VersionCommand implements Callable<Integer> {
    private final Cli cli;

    VersionCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        cli.print(
                JsonDocuments.tree("version", Version.current(), "java", Version.java()),
                () -> "lvs-backup " + Version.current() + " (Java " + Version.java() + ")\n");
        return 0;
    }
}
