package cloud.lvs.backup.runner.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads what {@link cloud.lvs.backup.spi.Default} says. */
final class DefaultValues {
    private static final Location PLACE = Location.of("default");

    private DefaultValues() {}

    static Node node(Shape shape, String text) {
        if (shape instanceof Shape.Scalar || shape instanceof Shape.PathShape || shape instanceof Shape.Choice) {
            return Node.Scalar.written(PLACE, text);
        }
        if (text.equals("[]")) {
            return new Node.Sequence(PLACE, List.of());
        }
        if (text.equals("{}")) {
            return new Node.Mapping(PLACE, Map.of());
        }
        var problems = new Problems();
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
