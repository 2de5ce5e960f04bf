package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.provider.k3s.K3sConfig.CheckDepth;
import cloud.lvs.backup.provider.k3s.K3sConfig.Method;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.Item;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CapturePreflightTest {
    @TempDir
    Path dataDir;

    @TempDir
    Path scratch;

    @Test
    void findsNothingWrongWithASoundServerAndChangesNothing() throws Exception {
        KineDatabase.create(dataDir).close();
        var before = FileTree.of(dataDir);

        assertThat(findings(K3sConfig.of(dataDir))).isEmpty();
        assertThat(FileTree.of(dataDir)).isEqualTo(before);
    }

    @Test
    void findsAMissingTokenAndADirectoryWithoutDatastoreAtOnce() throws Exception {
        Files.createDirectories(dataDir.resolve("server/db"));

        assertThat(findings(K3sConfig.of(dataDir)))
                .hasSize(2)
                .allMatch(finding -> finding.severity() == Severity.ERROR)
                .allMatch(finding -> !finding.remedy().isBlank());
    }

    @Test
    void saysOfAMissingDataDirectoryNothingButThat() {
        assertThat(findings(K3sConfig.of(dataDir.resolve("nowhere"))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.target()).isEqualTo("k3s data directory " + dataDir.resolve("nowhere"));
                    assertThat(finding.problem()).isEqualTo("does not exist");
                });
    }

    @Test
    void onlyMentionsAMissingTokenThatNobodyExpects() throws Exception {
        KineDatabase.create(dataDir).close();
        Files.delete(KineDatabase.token(dataDir));

        assertThat(findings(
                        new K3sConfig(dataDir, null, Method.AUTO, 1000, Duration.ofMinutes(1), CheckDepth.AUTO, false)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.INFO));
    }

    @Test
    void findsAFileThatHoldsNoToken() throws Exception {
        KineDatabase.create(dataDir).close();
        Files.writeString(KineDatabase.token(dataDir), "K10broken");

        assertThat(findings(K3sConfig.of(dataDir)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.problem()).doesNotContain("broken"));
    }

    @Test
    void findsADatastoreThatNobodyWritesAnyMore() throws Exception {
        KineDatabase.create(dataDir).close();
        Files.setLastModifiedTime(
                KineDatabase.file(dataDir),
                FileTime.from(TestTime.machine().instant().minus(Duration.ofHours(30))));

        assertThat(findings(K3sConfig.of(dataDir))).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.problem()).contains("30 h ago");
        });
    }

    @Test
    void mentionsAnAgentTokenOfItsOwn() throws Exception {
        KineDatabase.create(dataDir).close();
        Files.writeString(dataDir.resolve("server/agent-token"), "for agents\n");

        assertThat(findings(K3sConfig.of(dataDir)))
                .singleElement()
                .satisfies(finding -> assertThat(finding.remedy()).contains("--agent-token"));
    }

    @Test
    void inventoriesTheDatastoreWithItsSize() throws Exception {
        KineDatabase.create(dataDir).close();
        try (K3sSource source = new K3sSource(K3sConfig.of(dataDir), new TestProviderContext(scratch))) {
            assertThat(source.inventory(new TestRunContext())).singleElement().satisfies(item -> {
                assertThat(item.state()).isEqualTo(Item.State.SELECTED);
                assertThat(item.sizeBytes()).isEqualTo(Files.size(KineDatabase.file(dataDir)));
            });
        }
    }

    private List<Finding> findings(K3sConfig config) {
        try (K3sSource source = new K3sSource(config, new TestProviderContext(scratch))) {
            return source.preflight(new TestRunContext());
        }
    }
}
