package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.spi.NoOptions;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A source may be right and its provider of no use: the contract looks at both. */
class ProviderOfAContractTest {
    private static final String SERVICES = "cloud.lvs.backup.spi.SourceProvider";

    @TempDir
    Path directory = Path.of("");

    @Test
    void aProviderThatIsFoundAndCanBeConfiguredPasses() throws Exception {
        assertThat(failureOf(plugin("String type() { return \"notes\"; }").withService(SERVICES, "Plugin")))
                .isEmpty();
    }

    @Test
    void aProviderThatNoServicesFileNamesIsNoticed() throws Exception {
        CompiledPlugin plugin = plugin("String type() { return \"notes\"; }");

        assertThat(failureOf(plugin).orElseThrow())
                .hasMessageContaining("Plugin is not named in META-INF/services/" + SERVICES);

        plugin.withService("cloud.lvs.backup.spi.SourceProviders", "Plugin");
        assertThat(failureOf(plugin)).isPresent();
    }

    @Test
    void aServicesFileThatNamesNoClassIsNoticed() throws Exception {
        CompiledPlugin plugin =
                plugin("String type() { return \"notes\"; }").withService(SERVICES, "com.example.Plugin");

        assertThat(failureOf(plugin).orElseThrow())
                .hasMessageContaining("Provider com.example.Plugin not found")
                .hasMessageContaining("Plugin is not named in");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "String type() { return \"my notes\"; }      | type() says 'my notes'; it has to be 1 to 63 letters",
                "String type() { return null; }              | type() says null",
                "Class<Config> configType() { return null; } | configType() says null",
                "Class<At> restoreType() { return At.class; }"
                        + " | component 'at' of record Plugin$At has the type java.util.Date, which",
                "Class<? extends Record> restoreType() { return Type.class; }"
                        + " | component 'type' of record Plugin$Type has the name of the key",
                "Class<? extends Record> restoreType() { return Pattern.class; }"
                        + " | has a @Matches that is no regular expression: Unclosed character class",
                "Class<? extends Record> restoreType() { return Ranged.class; }"
                        + " | has a @Range, but String has none",
                "Class<? extends Record> restoreType() { return Itself.class; } | record Plugin$Itself holds itself",
            })
    void aProviderThatCannotBeConfiguredIsNoticed(String method, String told) throws Exception {
        CompiledPlugin plugin = plugin(method).withService(SERVICES, "Plugin");

        assertThat(failureOf(plugin).orElseThrow()).hasMessageContaining(told);
    }

    private CompiledPlugin plugin(String method) throws Exception {
        String type = method.contains(" type()") ? "" : "public String type() { return \"notes\"; }";
        String config =
                method.contains(" configType()") ? "" : "public Class<Config> configType() { return Config.class; }";
        return CompiledPlugin.of("""
                import cloud.lvs.backup.spi.*;
                import java.util.*;
                public class Plugin implements SourceProvider<Plugin.Config> {
                    public record Config(String text, @Range(min = "1") List<Integer> numbers, Map<String, Inner> inner,
                            java.time.Duration timeout, ByteSize size, Secret secret, Level level) {}
                    public record Inner(java.nio.file.Path path, @Matches(value = "[a-z]", expects = "a letter") String a) {}
                    public record At(Date at) {}
                    public record Type(String type) {}
                    public record Pattern(@Matches(value = "[", expects = "what never was") String pattern) {}
                    public record Ranged(@Range(min = "a") String ranged) {}
                    public record Itself(List<Itself> itself) {}
                    %s
                    %s
                    public %s
                    public Source create(Config config, ProviderContext context) { return new Notes(); }
                    public static class Notes implements Source {
                        public List<Finding> preflight(RunContext run) { return List.of(); }
                        public List<Item> inventory(RunContext run) { return List.of(); }
                        public CaptureReport capture(ArtifactWriter out, RunContext run) {
                            return new CaptureReport(List.of(), Map.of());
                        }
                        public Verification verify(BackupReader backup, Level level, RunContext run) {
                            return new Verification(List.of());
                        }
                        public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run) {
                            return new RestoreReport(List.of(), List.of(), List.of(), List.of());
                        }
                        public void close() {}
                    }
                }
                """.formatted(type, config, method), directory);
    }

    private Optional<Throwable> failureOf(CompiledPlugin plugin) {
        return ContractRun.failureOf("itsProviderIsFoundAndCanBeConfigured", directory, new Notes(plugin));
    }

    private static final class Notes extends SourceContract {
        private final CompiledPlugin plugin;

        Notes(CompiledPlugin plugin) {
            this.plugin = plugin;
        }

        @Override
        protected Source newSource(ProviderContext context) {
            return plugin.make(Source.class, "Plugin$Notes");
        }

        @Override
        protected RestoreTarget.Place freshPlace() {
            return new RestoreTarget.Place("nowhere");
        }

        @Override
        protected boolean holdsNothing(RestoreTarget.Place place) {
            return true;
        }

        @Override
        protected void assertRestored(RestoreTarget.Place place) {}

        @Override
        protected Record restoreOptions() {
            return new NoOptions();
        }
    }
}
