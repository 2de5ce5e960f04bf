package cloud.lvs.backup.provider.longhorn;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.contract.InMemoryBackup;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.core.directory.DirectorySink;
import cloud.lvs.backup.provider.longhorn.bucket.BackupConfiguration;
import cloud.lvs.backup.provider.longhorn.bucket.BackupTarget;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.stores.RealStores;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Verification;
import cloud.lvs.backup.toolkit.ConfigurationRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a cluster whose blocks a sink can read: proved by what Longhorn says, and by the blocks. */
@Tag("today")
class ClusterVerificationTest {
    private static final String VOLUME = "pvc-lz4";
    private static final String BACKUP = "pvc-lz4-b1";

    @TempDir
    Path directory;

    private final ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private final LonghornFixture fixture = new LonghornFixture(longhorn);
    private Path target;
    private ClusterSource source;
    private InMemoryBackup backup;

    @BeforeEach
    void record() throws Exception {
        target = RealStores.in(Files.createDirectory(directory.resolve("stores")))
                .root("1.6.4");
        source = new ClusterSource(
                ConfigurationRecord.of(LonghornConfig.class, Map.of("backupTarget", "blocks")),
                new TestProviderContext(directory).with("blocks", new DirectorySink(target)),
                fixture::cluster);
        longhorn.object(ResourceType.BACKUPS, "longhorn-system", """
                {"metadata": {"name": "pvc-lz4-b1", "labels": {"backup-volume": "pvc-lz4"}}, "spec": {},
                 "status": {"state": "Completed", "volumeName": "pvc-lz4", "lastSyncedAt": "2026-11-22T03:00:00Z",
                  "url": "s3://x@y/?backup=pvc-lz4-b1&volume=pvc-lz4"}}
                """);
        BackupTarget read = new BackupTarget(new DirectorySink(target));
        BackupConfiguration stored = Objects.requireNonNull(read.backups(VOLUME).stream()
                .filter(each -> each.name().equals(BACKUP))
                .findFirst()
                .orElseThrow()
                .configuration());
        VolumeRecord record = VolumeRecord.of(read.volume(VOLUME), stored);
        InMemoryArtifacts artifacts = new InMemoryArtifacts();
        artifacts.write(record.artifact(), out -> {
            out.write(record.bytes());
            return record.facts();
        });
        backup = InMemoryBackup.of(
                artifacts,
                new CaptureReport(List.of(ItemResult.done(record.item(), record.facts())), Map.of()),
                new TestRunContext(),
                "longhorn");
    }

    @AfterEach
    void stop() {
        source.close();
        longhorn.close();
    }

    private Verification verify(Level level) throws Exception {
        return source.verify(backup, level, new TestRunContext());
    }

    @Test
    void everyLevelPassesOnAWholeBackup() throws Exception {
        assertThat(verify(Level.STORED).checks()).extracting(Check::name).containsExactly("Longhorn");
        assertThat(verify(Level.CHECKSUM).passed()).isTrue();
        assertThat(verify(Level.CONTENT).checks())
                .allSatisfy(check -> assertThat(check.status()).isEqualTo(Check.Status.PASSED))
                .extracting(Check::name)
                .contains("Longhorn", "record", "volume.cfg", "backup.cfg", "blocks", "block contents");
    }

    @Test
    void whatLonghornCallsCompleteMayLackItsBlocks() throws Exception {
        for (Path block : RealStores.blocks(target, VOLUME)) {
            Files.delete(block);
        }

        assertThat(verify(Level.STORED).passed()).isTrue();
        Verification content = verify(Level.CONTENT);
        assertThat(content.passed()).isFalse();
        assertThat(content.checks())
                .anySatisfy(check -> assertThat(check.detail()).contains(VOLUME, BACKUP, "is missing"));
    }
}
