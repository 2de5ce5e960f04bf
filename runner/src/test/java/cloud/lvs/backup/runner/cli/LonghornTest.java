package cloud.lvs.backup.runner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.stores.RealStores;
import cloud.lvs.backup.runner.cli.Terminal.Result;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup target of Longhorn, by the command line alone. */
class LonghornTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    private Terminal terminal;
    private RealStores stores;
    private Path target;

    @BeforeEach
    void configure() throws Exception {
        terminal = new Terminal(directory);
        stores = RealStores.in(Files.createDirectory(directory.resolve("stores")));
        target = stores.root("1.6.4");
        // After the backups in the stores, whenever the test runs.
        terminal.now.set(Files.getLastModifiedTime(terminal.config).toInstant());
        Terminal.write(terminal.config, """
                version: 1
                sources:
                  volumes: {type: longhorn, offline: true, backupTarget: longhorn}
                sinks:
                  longhorn: {type: directory, path: %s}
                  records: {type: directory, path: %s/records}
                jobs:
                  volumes:
                    source: volumes
                    sink: records
                """.formatted(target, directory));
    }

    private JsonNode json(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("-o");
        all.add("json");
        Result result = terminal.run(all.toArray(String[]::new));
        assertThat(result.code()).as(result.err()).isZero();
        return JSON.readTree(result.out());
    }

    private String idOf(String longhornBackup) throws Exception {
        for (JsonNode backup : json("list", "-j", "volumes")) {
            String id = backup.get("id").asText();
            if (json("show", id, "-j", "volumes").toString().contains("\"" + longhornBackup + "\"")) {
                return id;
            }
        }
        throw new AssertionError(longhornBackup + " is not listed");
    }

    @Test
    void adoptListsEveryBackupWithItsStateAndRecordsTheWholeOnesOnce() throws Exception {
        JsonNode plan = json("adopt", "-j", "volumes");
        assertThat(plan.get("candidates")).hasSize(5);
        assertThat(plan.get("candidates").findValuesAsText("state"))
                .containsExactlyInAnyOrder("PLANNED", "PLANNED", "PLANNED", "PLANNED", "IN_PROGRESS");
        assertThat(terminal.run("adopt", "-j", "volumes").out())
                .contains("volume=pvc-lz4")
                .contains("longhornBackup=pvc-lz4-b5")
                .contains("in progress")
                .contains("mode=full");

        Result first = terminal.run("adopt", "-j", "volumes", "--yes");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(first.err()).doesNotContain("refused");
        assertThat(json("list", "-j", "volumes")).hasSize(4);
        assertThat(terminal.run("adopt", "-j", "volumes", "--yes").code()).isZero();
        assertThat(json("list", "-j", "volumes")).hasSize(4);
        assertThat(terminal.run("show", idOf("pvc-lz4-b4"), "-j", "volumes").out())
                .contains("pvc-lz4-b4", "shop/data-db-0");
    }

    @Test
    void verifyRestoreAndDrillGoByTheTarget() throws Exception {
        terminal.run("adopt", "-j", "volumes", "--yes");
        String id = idOf("pvc-lz4-b2");

        Result verified = terminal.run("verify", id, "-j", "volumes", "--level", "content");
        assertThat(verified.code()).as(verified.err() + verified.out()).isZero();
        Result restored = terminal.run(
                "restore",
                id,
                "-j",
                "volumes",
                "--to",
                directory.resolve("images").toString(),
                "--set",
                "as=image");
        assertThat(restored.code()).as(restored.err()).isZero();
        byte[] image = Files.readAllBytes(directory.resolve("images/pvc-lz4.img"));
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(image)))
                .isEqualTo(stores.told().stream()
                        .filter(told ->
                                told.version().equals("1.6.4") && told.name().equals("pvc-lz4-b2"))
                        .findFirst()
                        .orElseThrow()
                        .sha256());
        Result drilled = terminal.run("drill", id, "-j", "volumes");
        assertThat(drilled.code()).as(drilled.err() + drilled.out()).isZero();
    }

    @Test
    void aDamagedBlockEndsWith5AndIsNamed() throws Exception {
        terminal.run("adopt", "-j", "volumes", "--yes");
        String id = idOf("pvc-lz4-b1");
        for (Path block : RealStores.blocks(target, "pvc-lz4")) {
            byte[] bytes = Files.readAllBytes(block);
            bytes[bytes.length / 2] ^= 1;
            Files.write(block, bytes);
        }

        Result verified = terminal.run("verify", id, "-j", "volumes", "--level", "content");

        assertThat(verified.code()).isEqualTo(5);
        assertThat(verified.out() + verified.err())
                .contains("volume pvc-lz4", "backup pvc-lz4-b1")
                .containsPattern("block [0-9a-f]{16}");
    }

    @Test
    void aSinkThatTheSourceReadsIsUsedAndOneThatIsNotThereIsAMistake() throws Exception {
        Result valid = terminal.run("config", "validate");
        assertThat(valid.code()).isZero();
        assertThat(valid.err()).doesNotContain("no job uses");

        Terminal.write(
                terminal.config,
                Files.readString(terminal.config).replace("backupTarget: longhorn", "backupTarget: longhron"));
        Result wrong = terminal.run("config", "validate");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("reads sink 'longhron'", "did you mean 'longhorn'");
    }

    @Test
    void aRunIsRefusedWithTheCommandThatFits() {
        Result result = terminal.run("run", "volumes");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("adopt -j volumes --yes");
    }
}
