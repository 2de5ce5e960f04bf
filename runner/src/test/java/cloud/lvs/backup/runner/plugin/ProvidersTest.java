package cloud.lvs.backup.runner.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.runner.config.Configuration;
import cloud.lvs.backup.runner.config.ConfigurationLoader;
import cloud.lvs.backup.runner.config.ConfigurationSchema;
import cloud.lvs.backup.runner.config.ConfiguredProvider;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProvidersTest {
    private static final String PROVIDER = """
            public final class Odd implements RetentionPolicyProvider<Odd.Config> {
                public record Config(@Default("3") int count, @Default("word") String word, @Default("{}") Inner inner) {}
                public record Inner(@Default("1h") java.time.Duration patience) {}
                public String type() { return "TYPE"; }
                public Class<Config> configType() { return Config.class; }
                public RetentionPolicy create(Config config) {
                    return (backups, now) -> {
                        String loaders = Part.seen() + " " + Thread.currentThread().getContextClassLoader().getName();
                        throw new IllegalStateException(loaders + " " + config);
                    };
                }
            }
            """;
    private static final String PART = """
            final class Part {
                static String seen() {
                    StringBuilder seen = new StringBuilder();
                    for (String name : List.of("com.fasterxml.jackson.core.JsonFactory", "com.google.inject.Guice",
                            "cloud.lvs.backup.core.BackupEngine", "org.slf4j.Logger", "java.sql.Connection")) {
                        try {
                            Class.forName(name);
                            seen.append('+');
                        } catch (ClassNotFoundException e) {
                            seen.append('-');
                        }
                    }
                    return seen.toString();
                }
            }
            """;

    @TempDir
    Path directory;

    @Test
    void givesAPluginTheSpiAndLittleElse() throws Exception {
        plugin("odd", "odd", "plugins/odd/odd.jar");

        try (Providers providers = discover()) {
            RegisteredProvider odd =
                    providers.find(ProviderKind.RETENTION, "odd").orElseThrow();
            RetentionPolicy policy = policy(providers, "{type: odd, count: 5}");

            assertThat(odd.version()).isEqualTo("7.1");
            assertThat(odd.origin()).endsWith("plugins/odd/odd.jar");
            assertThat(providers.broken()).isEmpty();
            assertThatThrownBy(() -> policy.decide(List.of(), Instant.EPOCH))
                    .rootCause()
                    .hasMessage("---++ plugin odd Config[count=5, word=word, inner=Inner[patience=PT1H]]");
            assertThat(Thread.currentThread().getContextClassLoader()).isEqualTo(ProvidersTest.class.getClassLoader());
        }
    }

    @Test
    void takesASingleJarAsAPlugin() throws Exception {
        plugin("odd", "odd", "plugins/odd.jar");

        try (Providers providers = discover()) {
            assertThat(providers.types(ProviderKind.RETENTION)).contains("odd");
        }
    }

    @Test
    void refusesTwoProvidersOfOneTypeNamingBoth() throws Exception {
        plugin("odd", "latest", "plugins/odd/odd.jar");

        assertThatThrownBy(this::discover)
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIG))
                .hasMessageContaining("retention type 'latest': has two providers")
                .hasMessageContaining("cloud.lvs.backup.runner.testing.LatestProvider in ")
                .hasMessageContaining("plug.Odd in ")
                .hasMessageContaining("odd.jar");
    }

    @Test
    void keepsWhatFailsToLoadAndGoesOn() throws Exception {
        plugin("good", "good", "plugins/good/good.jar");
        Files.createDirectories(directory.resolve("plugins/empty"));
        Files.createDirectories(directory.resolve("plugins/damaged"));
        Files.writeString(directory.resolve("plugins/damaged/x.jar"), "no jar");
        new PluginJar(directory.resolve("a"))
                .type("Odd", PROVIDER.replace("TYPE", "a"))
                .type("Part", PART)
                .service(RetentionPolicyProvider.class, "plug.Missing\nplug.Odd\n")
                .pack(directory.resolve("plugins/partly/p.jar"), name -> false);
        new PluginJar(directory.resolve("b"))
                .type("Odd", PROVIDER.replace("TYPE", "b"))
                .type("Part", PART)
                .pack(directory.resolve("plugins/silent/s.jar"), name -> false);

        try (Providers providers = discover()) {
            assertThat(providers.types(ProviderKind.RETENTION)).contains("good", "a", "latest");
            assertThat(providers.broken())
                    .extracting(BrokenPlugin::toString)
                    .anySatisfy(text -> assertThat(text).contains("empty").contains("holds no jar"))
                    .anySatisfy(text -> assertThat(text).contains("damaged").contains("cannot be read"))
                    .anySatisfy(text -> assertThat(text).contains("partly").contains("plug.Missing"))
                    .anySatisfy(text -> assertThat(text).contains("silent").contains("declares no provider"))
                    .hasSize(4);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        return "Odd Type"                              | its type() says 'Odd Type'; it has to be 1 to 63 letters, digits
        return ""                                      | its type() says ''
        return null                                    | its type() says null
        throw new IllegalStateException("no type")     | its type() fails: no type
        throw new NullPointerException()               | its type() fails: NullPointerException
        """)
    void refusesAProviderThatNoConfigurationCouldName(String body, String told) throws Exception {
        new PluginJar(directory.resolve("work"))
                .type("Odd", PROVIDER.replace("return \"TYPE\"", body))
                .type("Part", PART)
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(directory.resolve("plugins/odd/odd.jar"), name -> false);

        try (Providers providers = discover()) {
            assertThat(providers.broken())
                    .singleElement()
                    .asString()
                    .contains("odd")
                    .contains("retention provider plug.Odd: " + told);
            assertThat(providers.types(ProviderKind.RETENTION)).containsExactly("latest", "standard");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"final class Odd", "public final class Odd"})
    void saysWhatAProviderNeedsToBeMade(String declaration) throws Exception {
        String constructor = declaration.startsWith("public") ? "    Odd() {}\n" : "    public Odd() {}\n";
        String source = PROVIDER.replace("TYPE", "odd").replace("public final class Odd", declaration);
        new PluginJar(directory.resolve("work"))
                .type("Odd", source.replaceFirst("\\{\n", "{\n" + constructor))
                .type("Part", PART)
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(directory.resolve("plugins/odd/odd.jar"), name -> false);

        try (Providers providers = discover()) {
            assertThat(providers.broken())
                    .singleElement()
                    .asString()
                    .contains(
                            "plug.Odd could not be instantiated: the class has to be public, with a public constructor"
                                    + " without arguments");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        @Default("many") int count        | the default of 'count' in record plug.Odd$Config does not fit: expects a whole number
        @Default("0") @Range(min="1") int count | the default of 'count' in record plug.Odd$Config does not fit: expects a whole number of at least 1
        @Default("{patience: 3}") Inner count | the default of 'count' in record plug.Odd$Config does not fit: expects a duration
        @Default("x") String type         | component 'type' of record plug.Odd$Config cannot be set: the key 'type' chooses the provider
        Thread count                      | component 'count' of record plug.Odd$Config has the type java.lang.Thread
        """)
    void tellsARecordThatNoConfigurationCanHaveBeforeItIsUsed(String component, String told) throws Exception {
        new PluginJar(directory.resolve("work"))
                .type("Odd", PROVIDER.replace("TYPE", "odd").replace("@Default(\"3\") int count", component))
                .type("Part", PART)
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(directory.resolve("plugins/odd/odd.jar"), name -> false);

        try (Providers providers = discover()) {
            RegisteredProvider odd =
                    providers.find(ProviderKind.RETENTION, "odd").orElseThrow();

            assertThat(new ConfigurationSchema(providers).problemOf(odd))
                    .hasValueSatisfying(problem -> assertThat(problem).startsWith(told));
            assertThat(configured(providers, "{type: odd}").unusable()).contains(told);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "boolean is(Object given) { return given instanceof OUTSIDE; }",
                "Class<?> type() { return OUTSIDE[].class; }",
                "void take(OUTSIDE given) {}",
                "java.util.function.Function<OUTSIDE, String> text() { return Object::toString; }",
                "OUTSIDE kept;",
            })
    void refusesAPluginThatNamesAClassOutsideTheSpi(String member) throws Exception {
        String outside = "cloud.lvs.backup.core.BackupEngine";
        new PluginJar(directory.resolve("work"))
                .type("Odd", PROVIDER.replace("TYPE", "odd"))
                .type("Part", PART)
                .type("Aside", "final class Aside { " + member.replace("OUTSIDE", outside) + " }")
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(directory.resolve("plugins/odd/odd.jar"), name -> false);
        plugin("good", "good", "plugins/good.jar");

        try (Providers providers = discover()) {
            String told = "plugins/odd: its class plug.Aside names " + outside
                    + ", but plugins see cloud.lvs.backup.spi only: build the plugin against lvs-backup-spi alone";
            assertThat(providers.broken()).singleElement().asString().endsWith(told);
            assertThat(providers.types(ProviderKind.RETENTION)).containsExactly("good", "latest", "standard");
            assertThat(configured(providers, "{type: odd}").unusable()).endsWith(told);
        }
    }

    @Test
    void saysThatAPluginBringsTheToolkit() {
        assertThat(new HostReference("plug.Odd", "cloud.lvs.backup.toolkit.Some").problem())
                .isEqualTo("its class plug.Odd names cloud.lvs.backup.toolkit.Some, but plugins see"
                        + " cloud.lvs.backup.spi only: bundle lvs-backup-toolkit into the plugin's jar");
    }

    @Test
    void harmsOnlyTheJobsOfABrokenPlugin() throws Exception {
        new PluginJar(directory.resolve("work"))
                .type("Odd", PROVIDER.replace("TYPE", "odd"))
                .type("Part", PART)
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(
                        directory.resolve("plugins/odd/odd.jar"),
                        name -> name.contains("Inner") || name.contains("Part"));

        try (Providers providers = discover()) {
            ConfiguredProvider<RetentionPolicyProvider<?>> broken = configured(providers, "{type: odd}");
            assertThat(broken.usable()).isNull();
            assertThat(broken.unusable()).contains("its class plug.Odd$Inner is missing");
            assertThatThrownBy(broken::require)
                    .isInstanceOf(BackupException.class)
                    .hasMessageContaining("lvs.yaml:7:23: type 'odd'");
            assertThat(policy(providers, "{type: latest, count: 2}")
                            .decide(List.of(), Instant.EPOCH)
                            .decisions())
                    .isEmpty();
        }
    }

    @Test
    void tellsALinkErrorDuringACallAsAFailureOfThePlugin() throws Exception {
        new PluginJar(directory.resolve("work"))
                .type("Odd", PROVIDER.replace("TYPE", "odd"))
                .type("Part", PART)
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(directory.resolve("plugins/odd/odd.jar"), name -> name.contains("Part"));

        try (Providers providers = discover()) {
            RetentionPolicy policy = policy(providers, "{type: odd}");

            assertThatThrownBy(() -> policy.decide(List.of(), Instant.EPOCH))
                    .hasRootCauseInstanceOf(ClassNotFoundException.class)
                    .satisfies(thrown -> assertThat(thrown.toString() + thrown.getCause())
                            .contains("retention provider 'odd' (plug.Odd in ")
                            .contains("does not work with this version"));
        }
    }

    @Test
    void takesATypeThatABrokenPluginMayHaveHadForUnusable() throws Exception {
        Files.createDirectories(directory.resolve("plugins/gone"));

        try (Providers providers = discover()) {
            assertThat(configured(providers, "{type: fibonacci}").unusable())
                    .contains("perhaps because a plugin failed to load")
                    .contains("holds no jar");
        }
    }

    private Providers discover() throws BackupException {
        return Providers.discover(directory.resolve("plugins"));
    }

    private void plugin(String name, String type, String jar) throws IOException {
        new PluginJar(directory.resolve("work-" + name))
                .type("Odd", PROVIDER.replace("TYPE", type))
                .type("Part", PART)
                .service(RetentionPolicyProvider.class, "plug.Odd\n")
                .pack(directory.resolve(jar), leftOut -> false);
    }

    private RetentionPolicy policy(Providers providers, String yaml) throws Exception {
        ConfiguredProvider.Usable usable = configured(providers, yaml).require();
        return usable.provider().policy(usable.config());
    }

    private ConfiguredProvider<RetentionPolicyProvider<?>> configured(Providers providers, String yaml)
            throws Exception {
        Path file = Files.writeString(directory.resolve("lvs.yaml"), """
                version: 1
                sinks: {local: {type: vault, path: /x}}
                jobs:
                  notes:
                    source: {type: notes, directory: /x}
                    sink: local
                    retention: %s
                """.formatted(yaml));
        Configuration configuration = new ConfigurationLoader(Map.of(), providers, secret -> {})
                .load(file)
                .configuration();
        return Objects.requireNonNull(
                Objects.requireNonNull(configuration.jobs().get("notes")).retention());
    }
}
