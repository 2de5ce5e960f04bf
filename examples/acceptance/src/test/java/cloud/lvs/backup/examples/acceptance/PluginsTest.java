package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Third-party plugins, loaded by the real distribution from its {@code plugins/}. */
class PluginsTest {
    @TempDir
    Path directory;

    private Path distribution;
    private Program program;

    @BeforeEach
    void unpack() throws Exception {
        distribution = directory.resolve("lvs-backup");
        Program.shell(directory)
                .run("cp -r '" + Checkout.distribution()
                        + "' lvs-backup && mkdir etc shelf && echo 'a: 1' > etc/config.yaml"
                        + " && echo 'b: 2' > etc/registries.yaml && echo no > etc/other")
                .expect(0);
        program = Program.launcher(distribution, directory);
    }

    @Test
    void aBackupOfASourceIntoASinkUnderAPolicyOfPlugins() throws Exception {
        for (Path plugin : Checkout.plugins()) {
            install(plugin);
        }
        // Beside a broken one, which harms nobody.
        Files.writeString(distribution.resolve("plugins/broken.jar"), "this is not a jar");

        backUpVerifyRestoreAndPrune();
        assertThat(program.run("providers").out())
                .contains("broken.jar")
                .containsPattern("FilesSourceProvider +" + Checkout.version())
                .containsPattern("FlatSinkProvider +" + Checkout.version());
    }

    @Test
    void aPluginCompiledAgainstTheFirstVersionStillWorks() throws Exception {
        install(Path.of("src/test/resources/plugins-spi-0.1.jar").toAbsolutePath());
        backUpVerifyRestoreAndPrune();
    }

    private void install(Path plugin) throws Exception {
        Files.copy(plugin, distribution.resolve("plugins").resolve(plugin.getFileName()));
    }

    /** With the configuration that the document about plugins shows. */
    private void backUpVerifyRestoreAndPrune() throws Exception {
        String shown = Block.marked("docs/writing-a-provider.md", "check: plugin configuration")
                .text();
        assertThat(shown).contains("/etc/rancher/k3s", "/var/backups/shelf");
        Files.writeString(
                directory.resolve("lvs.yaml"),
                shown.replace("/etc/rancher/k3s", "etc").replace("/var/backups/shelf", "shelf"));

        program.run("-c", "lvs.yaml", "run", "etc").expect(0);

        String listed =
                program.run("-c", "lvs.yaml", "list", "-o", "json").expect(0).out();
        List<String> keys = K3sWorkspace.keys(listed);
        assertThat(keys)
                .anyMatch(key -> key.contains("/config.yaml-"))
                .anyMatch(key -> key.contains("/registries.yaml-"));
        try (Stream<Path> objects = Files.list(directory.resolve("shelf"))) {
            assertThat(objects).allMatch(file -> file.toString().endsWith(".object"));
        }
        program.run("-c", "lvs.yaml", "verify", "latest", "--level", "content").expect(0);
        program.run("-c", "lvs.yaml", "restore", "latest", "--to", "restored").expect(0);
        assertThat(directory.resolve("restored/config.yaml")).hasContent("a: 1\n");
        assertThat(directory.resolve("restored/registries.yaml")).hasContent("b: 2\n");
        assertThat(directory.resolve("restored/other")).doesNotExist();
        assertThat(program.run("-c", "lvs.yaml", "prune", "-o", "json")
                        .expect(0)
                        .out())
                .contains("hanoi: ");
        assertThat(program.run("providers").expect(0).out()).contains("files", "flat", "hanoi");
    }
}
