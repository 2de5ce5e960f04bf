package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.files.FileErrors;
import cloud.lvs.backup.runner.cli.session.ProgramVersion;
import cloud.lvs.backup.runner.shell.ManPage;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Used when the distribution is built. */
@Command(name = "man", hidden = true, description = "Write the manual pages of all commands into a directory.")
final class ManCommand implements Callable<Integer> {
    @Option(names = "--to", paramLabel = "DIR", required = true, description = "The directory, e.g. share/man/man1.")
    Path directory = Path.of("");

    @Spec
    @Nullable
    CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Map<String, String> pages =
                ManPage.all(Objects.requireNonNull(spec).root(), "lvs-backup " + ProgramVersion.current());
        try {
            Files.createDirectories(directory);
            for (Map.Entry<String, String> page : pages.entrySet()) {
                Files.writeString(directory.resolve(page.getKey()), page.getValue());
            }
        } catch (IOException e) {
            throw new BackupException(
                    Kind.FAILED,
                    "directory " + directory,
                    "cannot be written to: " + FileErrors.inWords(e),
                    "name another one with --to",
                    e);
        }
        return 0;
    }
}
