package cloud.lvs.backup.runner.config;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.runner.config.yaml.Problem;
import cloud.lvs.backup.runner.output.DocumentWriter;
import cloud.lvs.backup.runner.output.OutputFormat;
import cloud.lvs.backup.runner.plugin.Providers;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema says of a document what the binder says, as a validator that is not ours understands it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfigurationSchemaTest {
    private static final String VALID = """
            version: 1
            sources:
              mine: {type: notes, directory: /srv/notes}
            sinks:
              local: {type: vault, path: /var/backups/lvs}
              store: {type: s3, bucket: backups}
            jobs:
              notes:
                source: mine
                sink: local
            """;

    @TempDir
    Path directory;

    private Providers providers;
    private JsonNode document;
    private Schema schema;

    @BeforeAll
    void read() throws Exception {
        providers = Providers.discover(null);
        var json = new ByteArrayOutputStream();
        new DocumentWriter(new Redactions())
                .write(new ConfigurationSchema(providers).document(), OutputFormat.JSON, json);
        document = new ObjectMapper().readTree(json.toByteArray());
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(document);
    }

    @AfterAll
    void close() {
        providers.close();
    }

    /** Each with one value that both take. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "version: \"1\"",
                "notes, limit: '7'",
                "notes, hidden: \"true\"",
                "notes, hidden: TRUE",
                "notes, hidden: \"${HIDDEN:-no}\"",
                "notes, token: 12345",
                "notes, order: BY_SIZE",
                "notes, order: by-size",
                "notes, patience: PT1H30M",
                "notes, patience: ' 90s '",
                "notes, chunk: 4096",
                "notes, chunk: 1.5 GiB",
                "notes, share: 0.25",
                "notes, share: '1e-3'",
                "notes, exclude: [a, 1, true]",
                "notes, weights: {x: 1}",
                "notes, passwordFile: ./password",
                "s3, allowPlainHttp: \"true\"",
                "s3, partsInFlight: 64",
                "s3, prefix: ''",
                "s3, prefix: /a.b/..c/d/",
                "s3, partSize: 5MiB",
                "s3, addressing: Path",
                "job, schedule: \"*/5 0-6 1,15 * MON-FRI\"",
                "job, retention: {keepDaily: 7}",
                "job, retention: {type: standard, keepWithin: 7d}",
                "job, retention: {type: latest, count: 3}",
                "job, expect: {maxShrink: 50%}",
                "job, expect: {maxShrink: 100%}",
                "job, source: {type: notes, directory: /x}",
                "job, compression: {type: Zstd, level: 19}",
                "job, encryption: {type: none}",
            })
    void passesWhatTheBinderTakes(String change) throws Exception {
        String text = changed(change);

        assertThat(mistakes(text)).isEmpty();
        assertThat(violations(text)).isEmpty();
    }

    /** Each with one value that neither takes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "version: 2",
                "version: one",
                "notes, limit: many",
                "notes, limit: 99999999999",
                "notes, hidden: yes please",
                "notes, directory:",
                "notes, order: by-age",
                "notes, patience: 7",
                "notes, patience: 7y",
                "notes, patience: PT-1H",
                "notes, patience: P",
                "notes, chunk: -1",
                "notes, chunk: 5 parsecs",
                "notes, exclude: a",
                "notes, weights: {x: y}",
                "notes, passwordFile: password",
                "notes, passwordFile: ''",
                "notes, walk: {}",
                "notes, walk: {depth: 1, breadth: 2}",
                "s3, bucket: a",
                "s3, prefix: a//b",
                "s3, prefix: a/../b",
                "s3, prefix: ./",
                "s3, partsInFlight: 0",
                "s3, partsInFlight: 65",
                "s3, maxParts: 10001",
                "s3, allowPlainHttp: 1",
                "s3, buckett: x",
                "job, sorce: mine",
                "job, schedule: hello",
                "job, schedule: \"99 99 * * *\"",
                "job, schedule: \"0 3 * * * *\"",
                "job, retention: {keepLast: 0}",
                "job, retention: {keepLast: \"010\"}",
                "job, retention: {type: latst, count: 3}",
                "job, retention: {count: 3}",
                "job, expect: {maxShrink: 150%}",
                "job, expect: {minItems: 0}",
                "job, source: {type: nodes, directory: /x}",
                "job, source: {directory: /x}",
                "job, source: {type: longhorn, concurrency: 0}",
                "job, source: {type: longhorn, offline: maybe, backupTarget: local}",
                "job, compression: {level: 20}",
                "job, compression: {type: lzma}",
                "job, encryption: {type: age, recipients: [age1short]}",
                "job, copies: [local]",
            })
    void refusesWhatTheBinderRefuses(String change) throws Exception {
        String text = changed(change);

        assertThat(mistakes(text)).isNotEmpty();
        assertThat(violations(text)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Notes", "a b", "-x", "x.", "", "../x"})
    void refusesNamesThatCannotBeJobs(String name) throws Exception {
        String text = VALID.replace("  notes:", "  \"" + name + "\":");

        assertThat(mistakes(text)).isNotEmpty();
        assertThat(violations(text)).isNotEmpty();
        assertThat(violations("version: 1\nsinks: {}\njobs: {}\n")).isNotEmpty();
    }

    @Test
    void namesTheKeyThatIsWrongWithTheTypeThatWasChosen() throws Exception {
        assertThat(violations(changed("s3, partsInFlight: 0")))
                .singleElement()
                .asString()
                .contains("/sinks/store/partsInFlight")
                .contains("minimum");
        assertThat(violations(changed("s3, buckett: x")))
                .singleElement()
                .asString()
                .contains("/sinks/store")
                .contains("buckett");
        assertThat(violations(changed("job, source: {type: nodes, directory: /x}")))
                .singleElement()
                .asString()
                .contains("/jobs/notes/source/type")
                .contains("enumeration");
    }

    @Test
    void givesDefaultsOfTheirOwnType() {
        assertThat(document.findParents("default"))
                .hasSizeGreaterThan(20)
                .allSatisfy(key -> assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                                .getSchema(key)
                                .validate(key.get("default")))
                        .as(key.toString())
                        .isEmpty());
        assertThat(document.at("/properties/jobs/additionalProperties/properties/expect/properties/minItems/default")
                        .isInt())
                .isTrue();
        assertThat(document.findValues("allowPlainHttp"))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(key.get("default").isBoolean()).isTrue());
        assertThat(document.get("$id").asText()).isEqualTo("urn:lvs-backup:configuration:1");
    }

    @ParameterizedTest
    @MethodSource("documented")
    void passesEveryConfigurationOfTheDocuments(String text) throws Exception {
        assertThat(violations(text)).isEmpty();
    }

    static Stream<String> documented() throws Exception {
        List<String> blocks = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("..", "docs"))) {
            for (Path file : Stream.concat(Stream.of(Path.of("..", "README.md")), files)
                    .filter(file -> file.toString().endsWith(".md"))
                    .toList()) {
                Matcher block = Pattern.compile("```yaml\n(version: 1.*?)```", Pattern.DOTALL)
                        .matcher(Files.readString(file));
                while (block.find()) {
                    blocks.add(block.group(1));
                }
            }
        }
        // Those with plugins of the examples, "file" and "files" among them, need the schema of a program that has
        // them.
        return blocks.stream().filter(text -> !text.contains("type: file") && !text.contains("type: hanoi"));
    }

    private static String changed(String change) {
        String[] parts = change.split(", ", 2);
        return switch (parts[0]) {
            case "notes" ->
                VALID.replace(
                        "directory: /srv/notes",
                        parts[1].startsWith("directory") ? parts[1] : "directory: /srv/notes, " + parts[1]);
            case "s3" ->
                VALID.replace(
                        "bucket: backups", parts[1].startsWith("bucket:") ? parts[1] : "bucket: backups, " + parts[1]);
            case "job" ->
                (parts[1].startsWith("source") ? VALID.replace("    source: mine\n", "") : VALID)
                        + "    "
                        + parts[1]
                        + "\n";
            default -> VALID.replace("version: 1", change);
        };
    }

    private List<String> mistakes(String text) throws Exception {
        Path file = Files.writeString(directory.resolve("lvs.yaml"), text);
        try {
            new ConfigurationLoader(Map.of("HIDDEN", "false"), providers, secret -> {}).load(file);
            return List.of();
        } catch (InvalidConfigurationException e) {
            return e.problems().stream().map(Problem::toString).toList();
        }
    }

    private List<String> violations(String text) throws Exception {
        return schema.validate(new YAMLMapper().readTree(text)).stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
    }
}
