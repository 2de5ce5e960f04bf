package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.yaml.Interpolation;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.config.yaml.ProblemCollector;
import cloud.lvs.backup.runner.config.yaml.YamlReader;
import cloud.lvs.backup.spi.BackupException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The names in a configuration, as far as they can be read, whatever else is wrong with it. */
public final class ConfigurationNames {
    private ConfigurationNames() {}

    /**
     * What is defined in a section, in the order of the file.
     *
     * @param section {@code jobs}, {@code sinks} or {@code sources}
     * @return empty if there is nothing to read
     */
    public static List<String> of(Path file, String section) {
        var reader = new YamlReader(file.toString(), new Interpolation(Map.of(), Path.of("")), new ProblemCollector());
        try {
            // Names are never interpolated, and a file that a value names might be a pipe that nobody writes to.
            return reader.read(ConfigurationLoader.textOf(file).replace("${", "$${"))
                    .map(root -> root.entries().get(section))
                    .map(entry -> entry.value() instanceof Node.Mapping names
                            ? List.copyOf(names.entries().keySet())
                            : List.<String>of())
                    .orElse(List.of());
        } catch (BackupException e) {
            return List.of();
        }
    }
}
