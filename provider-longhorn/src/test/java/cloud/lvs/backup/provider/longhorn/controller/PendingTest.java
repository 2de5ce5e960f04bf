package cloud.lvs.backup.provider.longhorn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backups that cannot begin, as the recordings ctl-pending-to-error and ctl-create-* show it. */
@Tag("today")
class PendingTest {
    private final ScriptedLonghorn longhorn = ScriptedLonghorn.startStanding("1.12.1");
    private final Requests requests = new Requests(longhorn);

    @AfterEach
    void stop() {
        longhorn.close();
    }

    @Test
    void aStoppedEngineIsPendingAtOnceAndAnErrorAfterFiveTries() {
        longhorn.volume(VolumeSeed.named("vol-p"));
        snapshot("vol-p");
        longhorn.engine("vol-p", false);
        backup("vol-p");

        assertThat(status(1).path("state").asText()).isEqualTo("Pending");
        assertThat(status(0).at("/messages/info").asText()).isEqualTo("Waiting for the engine vol-p-e-0 to be ready");
        assertThat(status(40).path("state").asText()).isEqualTo("Pending");
        JsonNode last = status(80);
        assertThat(last.path("state").asText()).isEqualTo("Error");
        assertThat(last.path("error").asText()).isEqualTo("Failed waiting for the engine vol-p-e-0 to be ready");
        assertThat(last.at("/messages/info").asText()).isEqualTo("Waiting for the engine vol-p-e-0 to be ready");
        assertThat(last.path("lastSyncedAt").asText()).isNotEmpty();
    }

    @Test
    void aSnapshotThatIsNotReadyOrGoneIsPendingToo() {
        longhorn.volume(VolumeSeed.named("vol-q"));
        longhorn.script()
                .snapshot("vol-q", new cloud.lvs.backup.provider.longhorn.controller.loop.Script.Readiness.Never(""));
        snapshot("vol-q");
        backup("vol-q");

        assertThat(status(1).at("/messages/info").asText()).isEqualTo("Waiting for the snapshot vol-q-s to be ready");
        longhorn.purge(ResourceType.SNAPSHOTS, "vol-q-s");
        assertThat(status(31).at("/messages/info").asText()).isEqualTo("Failed to get the Snapshot vol-q-s");
    }

    @ParameterizedTest
    @CsvSource({"1.7.2, Pending", "1.7.3, Error"})
    void before173ItStaysPendingForEver(String version, String state) {
        try (ScriptedLonghorn older = ScriptedLonghorn.startStanding(version)) {
            older.volume(VolumeSeed.named("vol-p"));
            Requests asked = new Requests(older);
            asked.create(
                    "snapshots", "{'metadata':{'name':'vol-p-s'},'spec':{'volume':'vol-p','createSnapshot':true}}");
            older.advance(Duration.ofSeconds(3));
            older.engine("vol-p", false);
            asked.create(
                    "backups",
                    "{'metadata':{'name':'b-1','labels':{'backup-volume':'vol-p'}},"
                            + "'spec':{'snapshotName':'vol-p-s','labels':{}}}");

            older.advance(Duration.ofMinutes(30));

            assertThat(asked.get("backups/b-1").body().at("/status/state").asText())
                    .isEqualTo(state);
        }
    }

    @Test
    void aVolumeThatNeverAttachesLeavesTheStateEmptyWithoutAWord() {
        longhorn.volume(VolumeSeed.named("vol-f"));
        snapshot("vol-f");
        longhorn.editStatus(
                ResourceType.VOLUMES,
                "vol-f",
                status -> status.put("state", "detached").put("robustness", "faulted"));
        backup("vol-f");

        JsonNode status = status(3600);
        assertThat(status.path("state").asText()).isEmpty();
        assertThat(status.has("messages")).isFalse();
        requests.delete("backups/b-1");
        longhorn.advance(Duration.ofSeconds(1));
        assertThat(requests.get("backups/b-1").code()).isEqualTo(404);
    }

    @Test
    void aVolumeThatDisappearsIsAnErrorAtOnce() {
        longhorn.volume(VolumeSeed.named("vol-a"));
        snapshot("vol-a");
        longhorn.editStatus(
                ResourceType.VOLUMES,
                "vol-a",
                status -> status.put("state", "detached").put("robustness", "faulted"));
        backup("vol-a");
        longhorn.advance(Duration.ofSeconds(5));
        longhorn.purge(ResourceType.VOLUMES, "vol-a");

        JsonNode status = status(1);
        assertThat(status.path("state").asText()).isEqualTo("Error");
        assertThat(status.path("error").asText())
                .isEqualTo("cannot find the corresponding volume: volume.longhorn.io \"vol-a\" not found");
        assertThat(status.path("lastSyncedAt").asText()).isNotEmpty();
    }

    private void snapshot(String volume) {
        requests.create(
                "snapshots",
                "{'metadata':{'name':'" + volume + "-s'},'spec':{'volume':'" + volume + "','createSnapshot':true}}");
        longhorn.advance(Duration.ofSeconds(3));
    }

    private void backup(String volume) {
        assertThat(requests.create(
                                "backups",
                                "{'metadata':{'name':'b-1'},'spec':{'snapshotName':'" + volume + "-s','labels':{}}}")
                        .code())
                .isEqualTo(201);
    }

    private JsonNode status(int seconds) {
        longhorn.advance(Duration.ofSeconds(seconds));
        return requests.get("backups/b-1").body().path("status");
    }
}
