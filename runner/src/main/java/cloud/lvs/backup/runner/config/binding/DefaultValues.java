package cloud.lvs.backup.runner.config.binding;

import cloud.lvs.backup.runner.config.yaml.Interpolation;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.config.yaml.ProblemCollector;
import cloud.lvs.backup.runner.config.yaml.TextPosition;
import cloud.lvs.backup.runner.config.yaml.YamlReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads what {@link cloud.lvs.backup.spi.Default} says. */
public final class DefaultValues {
    private static final TextPosition PLACE = TextPosition.of("default");

    private DefaultValues() {}

    public static Node node(ValueType valueType, String text) {
        if (valueType instanceof ValueType.Scalar
                || valueType instanceof ValueType.FilePath
                || valueType instanceof ValueType.Choice) {
            return Node.Scalar.written(PLACE, text);
        }
        if (text.equals("[]")) {
            return new Node.Sequence(PLACE, List.of());
        }
        if (text.equals("{}")) {
            return new Node.Mapping(PLACE, Map.of());
        }
        var problems = new ProblemCollector();
        var reader = new YamlReader("default", new Interpolation(Map.of(), Path.of("")), problems);
        Node.Entry value = reader.read("value: " + text)
                .map(mapping -> mapping.entries().get("value"))
                .orElse(null);
        if (value != null && problems.isEmpty()) {
            return value.value();
        }
        throw new IllegalArgumentException("a default is not YAML: " + text);
    }
}
