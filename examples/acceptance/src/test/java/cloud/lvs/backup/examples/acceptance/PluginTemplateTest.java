package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a plugin's author: copy the template, build it from what is published alone, drop the jar, run. */
class PluginTemplateTest {
    static final String CONFIGURATION = "check: template configuration";

    @TempDir
    Path directory;

    private Path template;

    @BeforeEach
    void copy() throws Exception {
        Program.shell(directory)
                .run("cp -r '" + Checkout.root().resolve("examples/plugin-template")
                        + "' template && rm -rf template/target")
                .expect(0);
        template = directory.resolve("template");
    }

    @Test
    void itsJarRunsWhenItIsDroppedIntoThePlugins() throws Exception {
        maven("verify").expect(0);

        assertThat(reports()).as("contracts that ran").hasSize(3);
        Path jar = onlyJar();
        try (ZipFile file = new ZipFile(jar.toFile())) {
            assertThat(file.stream().map(ZipEntry::getName))
                    .contains("cloud/lvs/backup/toolkit/StagedFile.class")
                    .noneMatch(name -> name.startsWith("cloud/lvs/backup/spi/") || name.startsWith("org/"));
        }
        Program program = distributionWith(jar);
        Files.createDirectory(directory.resolve("shelf"));
        Files.writeString(directory.resolve("notes.txt"), "remember\n");
        Files.writeString(
                directory.resolve("lvs.yaml"),
                Block.marked("docs/writing-a-provider.md", CONFIGURATION)
                        .text()
                        .replace("/etc/hosts", "notes.txt")
                        .replace("/var/backups/shelf", "shelf"));

        assertThat(program.run("providers").expect(0).out())
                .containsPattern("source +file +com.example.backup.FileSourceProvider +1.0 +\\S+ +ok")
                .containsPattern("sink +folder +com.example.backup.FolderSinkProvider +1.0 +\\S+ +ok")
                .containsPattern("retention +monthly +com.example.backup.MonthlyRetentionProvider +1.0 +\\S+ +ok");
        program.run("-c", "lvs.yaml", "config", "validate").expect(0);
        program.run("-c", "lvs.yaml", "run").expect(0);
        program.run("-c", "lvs.yaml", "verify", "latest", "--level", "content").expect(0);
        program.run("-c", "lvs.yaml", "restore", "latest", "--to", "restored").expect(0);
        assertThat(directory.resolve("restored/notes.txt")).hasContent("remember\n");
        assertThat(Program.shell(directory)
                        .run("find shelf/* restored -perm /077")
                        .expect(0)
                        .out())
                .as("what others may read of what was stored and restored")
                .isEmpty();
        assertThat(program.run("-c", "lvs.yaml", "prune", "-o", "json")
                        .expect(0)
                        .out())
                .contains("monthly: ");
    }

    @Test
    void aSecondBuildMakesTheSameJarOfWhatTheFirstOneLeft() throws Exception {
        maven("package", "-DskipTests").expect(0);
        List<String> first = entries(onlyJar());

        assertThat(maven("package", "-DskipTests").expect(0).out()).doesNotContain("overlapping");

        assertThat(entries(onlyJar())).isEqualTo(first);
    }

    /** No class has a name that Surefire looks for by default, and each is disabled; each finds its provider missing. */
    @Test
    void everyContractRunsWhateverItIsCalled() throws Exception {
        Program.shell(template)
                .run(
                        "rm -r src/main/resources && cd src/test/java/com/example/backup && for each in *ContractTest.java; do"
                                + " sed -i 's/ContractTest/Holds/; s/^class/@org.junit.jupiter.api.Disabled class/' $each"
                                + " && mv $each ${each%ContractTest.java}Holds.java; done")
                .expect(0);

        assertThat(maven("test").expect(1).out())
                .contains("FileSourceProvider is not named in META-INF/services/cloud.lvs.backup.spi.SourceProvider")
                .contains("FolderSinkProvider is not named in META-INF/services/cloud.lvs.backup.spi.SinkProvider")
                .contains("MonthlyRetentionProvider is not named in META-INF/services/");
    }

    @Test
    void aBuildWithoutTestsFails() throws Exception {
        Program.shell(template).run("rm -r src/test").expect(0);

        assertThat(maven("test").expect(1).out()).contains("No tests");
    }

    /** The contract tests still compile, but nothing would run them. */
    @Test
    void aBuildWithoutJUnitFails() throws Exception {
        Path pom = template.resolve("pom.xml");
        String contract = "<artifactId>lvs-backup-contract</artifactId>";
        assertThat(pom).content().contains(contract);
        Files.writeString(
                pom,
                Files.readString(pom)
                        .replace(
                                contract,
                                contract + "<exclusions><exclusion><groupId>org.junit.jupiter</groupId>"
                                        + "<artifactId>*</artifactId></exclusion></exclusions>"));
        Program.shell(template)
                .run("cd src/test/java/com/example/backup && rm F* && ls Monthly*")
                .expect(0);

        assertThat(maven("test").expect(1).out()).contains("No tests");
    }

    private Program.Result maven(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("lvs.maven", "mvn"),
                "-B",
                "-ntp",
                "-Dmaven.repo.local="
                        + PublishedArtifacts.installIn(
                                Path.of("target/outside-repository").toAbsolutePath())));
        if (System.getProperty("lvs.network", "").equals("offline: true")) {
            command.add("-o");
        }
        return new Program(template, command).run(arguments);
    }

    private List<Path> reports() throws IOException {
        try (Stream<Path> files = Files.list(template.resolve("target/surefire-reports"))) {
            return files.filter(file -> file.toString().endsWith("ContractTest.xml"))
                    .toList();
        }
    }

    private Path onlyJar() throws IOException {
        try (Stream<Path> files = Files.list(template.resolve("target"))) {
            List<Path> jars =
                    files.filter(file -> file.toString().endsWith(".jar")).toList();
            assertThat(jars).as("jars in target/").hasSize(1);
            return jars.get(0);
        }
    }

    private static List<String> entries(Path jar) throws IOException {
        try (ZipFile file = new ZipFile(jar.toFile())) {
            return file.stream().map(ZipEntry::getName).toList();
        }
    }

    private Program distributionWith(Path plugin) throws Exception {
        Program.shell(directory)
                .run("cp -r '" + Checkout.distribution() + "' lvs-backup && cp '" + plugin + "' lvs-backup/plugins/")
                .expect(0);
        return Program.launcher(directory.resolve("lvs-backup"), directory);
    }
}
