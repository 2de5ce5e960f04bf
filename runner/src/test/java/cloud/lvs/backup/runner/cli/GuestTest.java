package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import cloud.lvs.backup.runner.plugin.PluginJar;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.SourceProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A plugin that misbehaves ends its own job and no other, in one line that names it. */
class GuestTest {
    @TempDir
    static Path guests;

    @TempDir
    Path directory;

    private Terminal terminal;

    @BeforeEach
    void open() throws IOException {
        terminal = new Terminal(directory);
        // That of the files, so that no run warns of a clock.
        terminal.now.set(TestClock.machine().instant());
        terminal.environment.put("LVS_BACKUP_PLUGINS", plugins().toString());
    }

    /** Packed once for all tests. */
    private static synchronized Path plugins() throws IOException {
        Path plugins = guests.resolve("plugins");
        if (!plugins.toFile().exists()) {
            Guest.install(guests.resolve("work"), plugins.resolve("evil.jar"));
        }
        return plugins;
    }

    private Result run(String where, String how) {
        terminal.configure("""
                  evil:
                    source: {type: evil, where: '%s', how: '%s'}
                    sink: local
                """.formatted(where, how));
        return terminal.run("run", "evil", "notes");
    }

    private static Stream<Arguments> misdeeds() {
        List<String> ways = List.of("exit", "runtime", "halt", "reference", "bound", "error", "overflow", "null");
        return Stream.of("create", "preflight", "inventory", "capture", "body", "close")
                .flatMap(where -> ways.stream().map(how -> Arguments.of(where, how)));
    }

    @ParameterizedTest
    @MethodSource("misdeeds")
    void endsItsOwnJobAloneInOneLineThatNamesProviderAndJar(String where, String how) {
        Result result = run(where, how);

        assertThat(result.err())
                .containsPattern(
                        "job evil: \\w+: source provider 'evil' \\(plug\\.Evil in .*/evil\\.jar\\): " + said(how))
                .contains("job notes: OK")
                .doesNotContain("\tat ");
        // What is committed is a backup; that its source failed to close is told.
        assertThat(result.code()).isEqualTo(where.equals("close") ? 3 : 1);
        assertThat(terminal.run("list", "-j", "evil", "-o", "json").out().contains("\"evil-"))
                .isEqualTo(where.equals("close"));
        assertThat(terminal.run("unlock", "-j", "evil").out()).isEqualTo("job evil in sink local is not locked\n");
    }

    private static String said(String how) {
        return switch (how) {
            case "exit", "reference" -> "called System\\.exit\\(0\\), which would have ended the process";
            case "runtime" -> "called Runtime\\.exit\\(0\\), which";
            case "halt", "bound" -> "called Runtime\\.halt\\(0\\), which";
            case "error" -> "failed: Error: evil \\(";
            case "overflow" -> "failed: StackOverflowError \\(";
            default -> "failed: NullPointerException \\(";
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "restore"})
    void endsNoOtherCommandEither(String where) {
        assertThat(run(where, "exit").code()).isZero();

        Result result = where.equals("verify")
                ? terminal.run("verify", "latest", "-j", "evil", "--level", "content")
                : terminal.run(
                        "restore",
                        "latest",
                        "-j",
                        "evil",
                        "--to",
                        directory.resolve("to").toString());

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("evil.jar): called System.exit(0)").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"preflight", "inventory", "capture", "verify", "restore"})
    void nullInPlaceOfAnAnswerIsThePluginsFailure(String where) {
        Result run = run(where, "nothing");
        Result result = switch (where) {
            case "verify" -> terminal.run("verify", "latest", "-j", "evil", "--level", "content");
            case "restore" ->
                terminal.run(
                        "restore",
                        "latest",
                        "-j",
                        "evil",
                        "--to",
                        directory.resolve("to").toString());
            default -> run;
        };

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .containsPattern("source provider 'evil' \\(plug\\.Evil in .*/evil\\.jar\\): its " + where
                        + "\\(\\) gave null \\(report it to whoever made it\\)")
                .doesNotContain("NullPointerException");
    }

    @Test
    void aFailureOfTheSinkIsNotThePlugins() {
        Result result = run("body", "full");

        assertThat(result.err())
                .contains("job evil: capture: shelf: is full (free space)")
                .doesNotContain("source provider 'evil'");
    }

    @Test
    void aBackupIsVerifiedAtTheLevelOfItsSourceUnlessOneIsNamed() {
        assertThat(run("nowhere", "exit").code()).isZero();

        assertThat(terminal.run("verify", "latest", "-j", "evil").out()).contains(": content: passed");
        assertThat(terminal.run("verify", "latest", "-j", "notes").out()).contains(": checksum: passed");
        assertThat(terminal.run("verify", "latest", "-j", "evil", "--level", "stored")
                        .out())
                .contains(": stored: passed");
        assertThat(terminal.run("verify", "--all").out())
                .containsPattern("2 backups at level (content and checksum|checksum and content): 2 passed");
    }

    @Test
    void aPluginThatExitsWhenItIsLoadedHarmsNobody() throws Exception {
        Guest.installDoor(directory.resolve("work"), directory.resolve("plugins/door.jar"));
        terminal.environment.put(
                "LVS_BACKUP_PLUGINS", directory.resolve("plugins").toString());

        assertThat(terminal.run("run").code()).isZero();
        assertThat(terminal.run("list").code()).isZero();
        assertThat(terminal.run("providers").out())
                .containsPattern("door\\.jar .*broken: source provider does not load: .*plug\\.Door could not be"
                        + " instantiated \\(called System\\.exit\\(0\\), which would have ended the process\\)");
        terminal.configure("  d:\n    source: {type: door}\n    sink: local\n");
        assertThat(terminal.run("run", "d", "notes"))
                .satisfies(result -> assertThat(result.err())
                        .contains("door.jar")
                        .contains("System.exit(0)")
                        .contains("job notes: OK"))
                .extracting(Result::code)
                .isEqualTo(2);
    }

    private static Stream<Arguments> unsoundProviders() {
        String config = "public Class<Config> configType() { return Config.class; }";
        String where = "public record Config(@Default(\"x\") String where) {}";
        return Stream.of(
                Arguments.of(
                        config, "public Class<Config> configType() { return null; }", "its configType() gave null"),
                Arguments.of(
                        config,
                        config + " public Class<? extends Record> restoreType() { return null; }",
                        "its restoreType() gave null"),
                Arguments.of(
                        config,
                        config + " public record Options(java.util.Date at) {}"
                                + " public Class<? extends Record> restoreType() { return Options.class; }",
                        "component 'at' of record plug.Plain$Options has the type java.util.Date"),
                Arguments.of(
                        config,
                        config + " public Level defaultLevel() { return null; }",
                        "its defaultLevel() gave null"),
                Arguments.of(
                        where,
                        "public record Config(@Matches(value = \"[\", expects = \"letters\") @Nullable String where) {}",
                        "component 'where' of record plug.Plain$Config has @Matches with '[', which is no regular"
                                + " expression"),
                Arguments.of(
                        where,
                        "public record Config(@Range(min = \"1\") @Default(\"x\") String where) {}",
                        "component 'where' of record plug.Plain$Config has @Range, which is for numbers"),
                Arguments.of(
                        where,
                        "public record Config(@Range(min = \"one\") @Default(\"2\") int where) {}",
                        "component 'where' of record plug.Plain$Config has a @Range with 'one', which is no whole number"),
                Arguments.of(
                        where,
                        "public record Config(@Range(min = \"1\") java.nio.file.@Nullable Path where) {}",
                        "component 'where' of record plug.Plain$Config has @Range, which its type cannot have"));
    }

    @ParameterizedTest
    @MethodSource("unsoundProviders")
    void whatAProviderSaysBeforeItMakesAnythingIsLookedAtAndHarmsItsJobsAlone(String sound, String odd, String told)
            throws Exception {
        plain(provider -> provider.replace(sound, odd));

        assertThat(terminal.run("providers")).satisfies(result -> {
            assertThat(result.code()).isZero();
            assertThat(result.out()).contains("plain", "broken: " + told);
        });
        assertThat(terminal.run("config", "schema").code()).isZero();
        assertThat(terminal.run("config", "validate")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).contains(told, "plain.jar").doesNotContain("\tat ");
        });
        assertThat(terminal.run("run")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).contains("job notes: OK").contains(told, "plain.jar");
        });
    }

    @Test
    void whatAProviderRefusesWhenItMakesASourceIsToldByValidate() throws Exception {
        plain(provider -> provider.replace(
                "throw new IllegalStateException();", "throw new IllegalArgumentException(\"where is nowhere\");"));

        assertThat(terminal.run("config", "validate")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).contains("source of job 'p': where is nowhere (change it at ");
        });
        assertThat(directory.resolve("sink")).as("nothing was made").doesNotExist();
        assertThat(terminal.temporary).isEmptyDirectory();
    }

    @Test
    void theVersionOfAPluginIsInTheManifest() {
        assertThat(run("nowhere", "exit").code()).isZero();

        assertThat(terminal.run("show", "latest", "-j", "evil").out()).containsPattern("source evil +7\\.1");
    }

    @Test
    void aConfigurationThatItsOwnCheckStumblesOverNamesTheRecordAndTheJar() throws Exception {
        plain(provider -> provider.replace(
                "String where) {}", "String where) { public Config { throw new IllegalStateException(\"odd\"); } }"));

        assertThat(terminal.run("config", "validate")).satisfies(result -> {
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err())
                    .containsPattern(
                            "record plug\\.Plain\\$Config throws IllegalStateException \\(odd\\) at .*Plain\\.java:\\d")
                    .contains("plain.jar");
        });
    }

    /** A plugin of type {@code plain}, and a job of it beside that of the notes. */
    private void plain(UnaryOperator<String> change) throws IOException {
        String provider = """
                public final class Plain implements SourceProvider<Plain.Config> {
                    public record Config(@Default("x") String where) {}
                    public String type() { return "plain"; }
                    public Class<Config> configType() { return Config.class; }
                    public Source create(Config config, ProviderContext context) { throw new IllegalStateException(); }
                }
                """;
        new PluginJar(directory.resolve("work"))
                .type("Plain", "import org.jspecify.annotations.Nullable;\n" + change.apply(provider))
                .service(SourceProvider.class, "plug.Plain\n")
                .pack(directory.resolve("plugins/plain.jar"), leftOut -> false);
        terminal.environment.put(
                "LVS_BACKUP_PLUGINS", directory.resolve("plugins").toString());
        terminal.configure("  p:\n    source: {type: plain}\n    sink: local\n");
    }

    @Test
    void aPolicyThatDecidesAboutOthersIsNamedWithItsJar() throws Exception {
        new PluginJar(directory.resolve("work"))
                .type("Odd", """
                        public final class Odd implements RetentionPolicyProvider<Odd.Config> {
                            public record Config() {}
                            public String type() { return "odd"; }
                            public Class<Config> configType() { return Config.class; }
                            public RetentionPolicy create(Config config) {
                                return (backups, now) -> new RetentionPlan(List.of());
                            }
                        }
                        """)
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(directory.resolve("plugins/odd.jar"), leftOut -> false);
        terminal.environment.put(
                "LVS_BACKUP_PLUGINS", directory.resolve("plugins").toString());
        terminal.configure("    retention: {type: odd}\n");

        Result result = terminal.run("run");

        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err())
                .containsPattern(
                        "job notes: retain: retention provider 'odd' \\(plug\\.Odd in .*/odd\\.jar\\): was asked"
                                + " about 1 backups and decided about 0 others")
                .doesNotContain("Proxy");
    }
}
