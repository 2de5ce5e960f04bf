package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.runner.config.InvalidConfigurationException;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** What the operator says to the source that restores; the provider's own record gives it meaning. */
public final class SourceOptions {
    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "An option of the source; may be given again. An unknown key tells those there are.")
    List<String> settings = List.of();

    public boolean areGiven() {
        return !settings.isEmpty();
    }

    /** As the provider of a job's source understands them. */
    public Record bind(Session session, String job) throws BackupException, InvalidConfigurationException {
        Map<String, List<String>> given = new LinkedHashMap<>();
        for (String setting : settings) {
            int equals = setting.indexOf('=');
            if (equals < 1) {
                throw new BackupException(Kind.CONFIG, "--set", "is not KEY=VALUE", "write e.g. --set key=value");
            }
            given.computeIfAbsent(setting.substring(0, equals), key -> new ArrayList<>())
                    .add(setting.substring(equals + 1));
        }
        return session.loader().options(session.jobs().sourceProvider(job).restoreType(), given);
    }
}
