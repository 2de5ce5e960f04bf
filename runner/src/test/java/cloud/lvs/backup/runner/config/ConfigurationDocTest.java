package cloud.lvs.backup.runner.config;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.runner.config.binding.ValueType;
import cloud.lvs.backup.runner.config.binding.ValueTypes;
import cloud.lvs.backup.runner.plugin.ProviderKind;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.plugin.RegisteredProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/configuration.md} says what the records say. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfigurationDocTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "configuration.md");
    private static final String BEGIN = "<!-- keys: begin -->\n";
    private static final String END = "<!-- keys: end -->";

    private Providers providers;

    @BeforeAll
    void discover() throws Exception {
        providers = Providers.discover(null);
    }

    @AfterAll
    void close() {
        providers.close();
    }

    @Test
    void listsEveryKeyWithTypeDefaultAndMeaning() throws Exception {
        String document = Files.readString(DOCUMENT);
        String written = document.substring(document.indexOf(BEGIN) + BEGIN.length(), document.indexOf(END));

        Path expected = Files.writeString(Path.of("target", "configuration-keys.md"), tables());
        assertThat(written)
                .as("the tables between the markers in docs/configuration.md; target/configuration-keys.md has them")
                .isEqualTo(Files.readString(expected));
    }

    private String tables() throws Exception {
        var text = new StringBuilder();
        table(text, "The file", ValueTypes.of(Configuration.class), "");
        for (ProviderKind kind : ProviderKind.values()) {
            for (String type : providers.types(kind)) {
                RegisteredProvider provider = providers.find(kind, type).orElseThrow();
                if (provider.className().contains(".testing.")) {
                    continue;
                }
                table(
                        text,
                        kind.word().substring(0, 1).toUpperCase(Locale.ROOT)
                                + kind.word().substring(1) + " `type: " + type + "`",
                        ValueTypes.of(provider.configType()),
                        "");
                if (kind == ProviderKind.SOURCE
                        && !ValueTypes.of(provider.restoreType()).keys().isEmpty()) {
                    table(text, "`restore --set` for `type: " + type + "`", ValueTypes.of(provider.restoreType()), "");
                }
            }
        }
        return text.toString();
    }

    private static void table(StringBuilder text, String title, ValueType.Keys valueType, String prefix) {
        text.append("\n### ").append(title).append("\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
        rows(text, valueType, prefix);
        text.append('\n');
    }

    private static void rows(StringBuilder text, ValueType.Keys valueType, String prefix) {
        for (ValueType.Key key : valueType.keys()) {
            text.append("| `").append(prefix).append(key.name()).append("` | ");
            text.append(key.valueType().name())
                    .append(" | ")
                    .append(defaultOf(key))
                    .append(" | ");
            text.append(key.doc().replace("|", "\\|")).append(" |\n");
            ValueType inner = key.valueType();
            String path = prefix + key.name();
            if (inner instanceof ValueType.ListOf list) {
                inner = list.element();
                path += "[]";
            } else if (inner instanceof ValueType.MapOf map) {
                inner = map.value();
                path += ".NAME";
            }
            if (inner instanceof ValueType.Keys keys) {
                rows(text, keys, path + ".");
            }
        }
    }

    private static String defaultOf(ValueType.Key key) {
        if (key.defaultText() != null) {
            return "`" + key.defaultText() + "`";
        }
        return key.mustBeGiven() ? "**required**" : "none";
    }

    static Stream<String> blocks() throws Exception {
        Matcher matcher = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOCUMENT));
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks.stream();
    }

    @ParameterizedTest
    @MethodSource("blocks")
    void givesOnlyExamplesThatAreValid(String block) throws Exception {
        Path file = Files.writeString(Files.createTempFile("example", ".yaml"), block);
        try {
            Map<String, String> environment = Map.of("BACKUP_ROOT", "/var/backups");
            assertThat(new ConfigurationLoader(environment, providers, secret -> {})
                            .load(file)
                            .configuration()
                            .jobs())
                    .isNotEmpty();
        } finally {
            Files.delete(file);
        }
    }
}
