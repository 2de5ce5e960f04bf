package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.core.files.FileErrors;
import cloud.lvs.backup.runner.config.binding.Binder;
import cloud.lvs.backup.runner.config.binding.ValueType;
import cloud.lvs.backup.runner.config.binding.ValueTypes;
import cloud.lvs.backup.runner.config.yaml.Interpolation;
import cloud.lvs.backup.runner.config.yaml.Node;
import cloud.lvs.backup.runner.config.yaml.ProblemCollector;
import cloud.lvs.backup.runner.config.yaml.TextPosition;
import cloud.lvs.backup.runner.config.yaml.YamlReader;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads the configuration: every mistake is told at once, each with its line and column. */
public final class ConfigurationLoader {
    private static final int MAX_BYTES = 1 << 20;

    private final Map<String, String> environment;
    private final Providers providers;
    private final Consumer<String> secrets;

    /**
     * @param environment what {@code ${NAME}} is taken from
     * @param providers the types there are
     * @param secrets is told every secret in the configuration
     */
    public ConfigurationLoader(Map<String, String> environment, Providers providers, Consumer<String> secrets) {
        this.environment = Map.copyOf(environment);
        this.providers = providers;
        this.secrets = secrets;
    }

    /**
     * Reads a file.
     *
     * @throws InvalidConfigurationException if there are mistakes in it
     * @throws BackupException of kind {@code CONFIG} if it cannot be read at all
     */
    public LoadedConfiguration load(Path file) throws InvalidConfigurationException, BackupException {
        String text = textOf(file);
        var problems = new ProblemCollector();
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent() == null ? absolute : absolute.getParent();
        var reader = new YamlReader(file.toString(), new Interpolation(environment, directory), problems);
        Node.Mapping root = reader.read(text).orElse(null);
        if (root == null) {
            throw new InvalidConfigurationException(problems.sorted());
        }
        Configuration configuration = new Binder(providers, secrets, problems).bind(Configuration.class, root, "");
        var checks = new ConfigurationChecks(root, problems);
        checks.checkNames();
        if (configuration != null) {
            checks.check(configuration);
        }
        if (!problems.isEmpty() || configuration == null) {
            throw new InvalidConfigurationException(problems.sorted());
        }
        return new LoadedConfiguration(
                configuration, checks.warnings(), new EffectiveConfiguration(providers).configuration(root));
    }

    /**
     * Binds what {@code restore --set} says.
     *
     * @param given values by key; several make a list
     * @throws InvalidConfigurationException if there are mistakes in it
     */
    public <R extends Record> R options(Class<R> type, Map<String, List<String>> given)
            throws InvalidConfigurationException {
        TextPosition at = TextPosition.of("--set");
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        ValueType.Keys valueType = ValueTypes.of(type);
        given.forEach((key, values) -> {
            List<Node> nodes = values.stream()
                    .<Node>map(value -> Node.Scalar.written(at, value))
                    .toList();
            boolean list = valueType
                    .find(key)
                    .map(known -> known.valueType() instanceof ValueType.ListOf)
                    .orElse(values.size() > 1);
            entries.put(
                    key, new Node.Entry(at, list || nodes.size() > 1 ? new Node.Sequence(at, nodes) : nodes.get(0)));
        });
        var problems = new ProblemCollector();
        R options = new Binder(providers, secrets, problems).bind(type, new Node.Mapping(at, entries), "");
        if (options == null) {
            throw new InvalidConfigurationException(problems.sorted());
        }
        return options;
    }

    static String textOf(Path file) throws BackupException {
        String target = "configuration " + (file.toString().isEmpty() ? "''" : file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new BackupException(Kind.CONFIG, target, "is larger than 1 MiB", "name the YAML file with -c");
            }
            String text = decode(bytes, file);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException e) {
            throw new BackupException(
                    Kind.CONFIG, target, "does not exist", "name the file with -c FILE or LVS_BACKUP_CONFIG", e);
        } catch (BackupException e) {
            throw e;
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    target,
                    "cannot be read: " + FileErrors.inWords(e),
                    "name a file that can be read with -c FILE or LVS_BACKUP_CONFIG",
                    e);
        }
    }

    private static String decode(byte[] bytes, Path file) throws BackupException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, text, true);
        if (!result.isError()) {
            return text.flip().toString();
        }
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < in.position(); i++) {
            if (bytes[i] == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        int column = new String(bytes, lineStart, in.position() - lineStart, StandardCharsets.UTF_8).length() + 1;
        throw new BackupException(
                Kind.CONFIG,
                "configuration " + new TextPosition(file.toString(), line, column),
                "is not UTF-8 text from here on",
                "save the file as UTF-8");
    }
}
