package cloud.lvs.backup.runner.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.runner.config.Configuration;
import cloud.lvs.backup.runner.config.ConfigurationLoader;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.spi.BackupException;
import com.google.inject.Guice;
import com.google.inject.Stage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnerModuleTest {
    @TempDir
    Path directory;

    @Test
    void bindsEverythingAndOpensNothingBeforeItIsUsed() throws Exception {
        Path file = Files.writeString(directory.resolve("lvs.yaml"), """
                version: 1
                sinks:
                  local: {type: directory, path: %1$s/sink}
                  never: {type: vault, path: %1$s/vault}
                jobs:
                  notes: {source: {type: notes, directory: %1$s}, sink: local}
                """.formatted(directory));
        try (Providers providers = Providers.discover(null)) {
            Configuration configuration = new ConfigurationLoader(Map.of(), providers, secret -> {})
                    .load(file)
                    .configuration();
            var module = new RunnerModule(
                    configuration,
                    Scratch.of(directory, Map.of(), line -> {}),
                    new Redactions(),
                    TestTime.machine(),
                    event -> {},
                    Map.of());

            try (Components bench =
                    Guice.createInjector(Stage.PRODUCTION, module).getInstance(Components.class)) {
                assertThat(bench.jobs().names()).containsExactly("notes");
                assertThat(bench.jobs().named("notes").sink())
                        .isSameAs(bench.sinks().named("local"));
                assertThatThrownBy(() -> bench.sinks().named("never"))
                        .isInstanceOf(BackupException.class)
                        .hasMessageContaining("path leads nowhere");
            }
        }
    }
}
