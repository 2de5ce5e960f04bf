package cloud.lvs.backup.provider.longhorn.controller;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.controller.TimelineReplay.Seen;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Lock;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume.Work;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The time lines that Longhorn's own controllers of 1.12.1 were recorded with, played to the scripted ones: whatever was
 * seen of an object must be seen here too, in the same order and within a tolerance of the same time.
 */
@Tag("today")
class TimelinesTest {
    private static final List<JsonNode> LINES = Exchange.recorded();
    private static final List<String> ALL =
            List.of("pvc-lz4-b1", "pvc-lz4-b2", "pvc-lz4-b3", "pvc-lz4-b4", "pvc-lz4-b5");

    /**
     * @param phase when the controllers' resync came in the recording, in seconds after the start
     * @param tolerance how many seconds may lie between what was recorded and what is seen
     */
    @ParameterizedTest
    @CsvSource({
        "ctl-target-wrong, 29, 1",
        "ctl-first-sync, 29, 2",
        "ctl-first-sync-poll-10s, 29, 2",
        "ctl-target-secret-missing-after-available, 29, 1",
        "ctl-delete-with-in-progress-beside, 1.5, 1",
        "ctl-delete-in-progress-then-last, 17.5, 2",
        "ctl-delete-all-at-once, 17.2, 1",
        "ctl-delete-cr-only, 29, 1",
        "ctl-delete-target-unavailable, 29, 16",
        "ctl-delete-store-gone-while-available, 16.4, 8",
        "ctl-delete-locked, 22.2, 1",
        "ctl-delete-locked-left-to-expire, 24.6, 32",
        "ctl-delete-while-restoring, 24.7, 1",
        "ctl-bucket-changed-from-outside, 29, 1",
        "ctl-label-target-stripped, 29.2, 1",
        "ctl-target-url-emptied-and-set-again, 29, 1",
        "ctl-backupvolume-delete, 29, 1",
        "ctl-failed-backup-ttl, 29, 1",
        "ctl-second-target-same-bucket, 29, 1",
        "ctl-delete-while-engine-restores, 17.7, 1",
        "ctl-backupvolume-delete-while-restoring, 29, 1"
    })
    void goesAsItWent(String name, double phase, double tolerance) {
        JsonNode recording = LINES.stream()
                .filter(line -> line.path("case").asText().equals(name))
                .findFirst()
                .orElseThrow();
        try (TimelineReplay replay = new TimelineReplay(stored(name), pulled(name), phase)) {
            if (name.equals("ctl-target-wrong")) {
                replay.withoutTarget();
            }
            for (JsonNode line : recording.path("timeline")) {
                replay.until(line.path("t").asDouble());
                if (line.has("verb")) {
                    outside(replay, line.path("request").toString());
                    assertThat(replay.send(line))
                            .as("%s", line)
                            .isEqualTo(line.path("status").asInt());
                } else if (line.has("outside")) {
                    outside(replay, line.path("outside").asText());
                }
            }
            replay.until(recording.path("seconds").asDouble() + tolerance);

            assertThat(missing(recording, replay.seen(), tolerance))
                    .as("recorded, but not seen among %s", replay.seen())
                    .isEmpty();
            assertThat(invented(recording, replay.seen()))
                    .as("seen, but never recorded")
                    .isEmpty();
        }
    }

    private static List<Seen> invented(JsonNode recording, List<Seen> seen) {
        List<Seen> invented = new ArrayList<>();
        for (Seen one : seen) {
            // The recording polled every 0.2 s: it may have missed what was soon over.
            boolean known = one.at() < 0
                    || !one.what().startsWith("backup")
                    || seen.stream()
                            .anyMatch(next -> next.what().equals(one.what())
                                    && next.at() > one.at()
                                    && next.at() < one.at() + 0.45);
            for (JsonNode line : recording.path("timeline")) {
                String what = line.path("what").asText();
                known |= what.equals(one.what())
                        && TimelineReplay.recorded(what, line.path("now")).equals(one.state());
            }
            if (!known) {
                invented.add(one);
            }
        }
        return invented;
    }

    private static List<String> missing(JsonNode recording, List<Seen> seen, double tolerance) {
        List<String> missing = new ArrayList<>();
        for (JsonNode line : recording.path("timeline")) {
            String what = line.path("what").asText();
            if (what.isEmpty()
                    || line.path("now").has("labels") && !line.path("now").has("deleting")) {
                continue;
            }
            String state = TimelineReplay.recorded(what, line.path("now"));
            double at = line.path("t").asDouble();
            boolean found = seen.stream()
                            .anyMatch(one -> one.what().equals(what)
                                    && one.state().equals(state)
                                    && Math.abs(one.at() - at) <= tolerance)
                    || still(what, state, at, seen, tolerance);
            if (!found) {
                missing.add(at + " " + what + " " + state);
            }
        }
        return missing;
    }

    /** Whether the state was reached before and lasted: the recording tells other fields, too, that changed then. */
    private static boolean still(String what, String state, double at, List<Seen> seen, double tolerance) {
        String latest = "";
        for (Seen one : seen) {
            if (one.what().equals(what) && one.at() <= at - tolerance) {
                latest = one.state();
            }
        }
        return latest.equals(state);
    }

    private static List<String> stored(String name) {
        return name.equals("ctl-delete-all-at-once") ? ALL.subList(0, 3) : ALL;
    }

    private static boolean pulled(String name) {
        return !name.equals("ctl-first-sync")
                && !name.equals("ctl-first-sync-poll-10s")
                && !name.equals("ctl-target-wrong");
    }

    /** What was done by another hand, or to the store behind the target, in the words of the recording. */
    private static void outside(TimelineReplay replay, String what) {
        ScriptedLonghorn longhorn = replay.longhorn();
        if (what.contains("s3-nohost") || what.contains(":7999")) {
            longhorn.stores().disconnect();
        } else if (what.contains(":7480") || what.equals("{\"spec\":{\"credentialSecret\":\"s3-backup\"}}")) {
            longhorn.stores().reconnect();
        } else if (what.startsWith("b2.cfg removed")) {
            replay.volume().remove("pvc-lz4-b2");
        } else if (what.startsWith("b2.cfg put again")) {
            replay.store("pvc-lz4-b2", true);
        } else if (what.startsWith("a cfg that does not parse")) {
            replay.store("pvc-lz4-bad", false);
        } else if (what.startsWith("a cfg of a name")) {
            replay.store("Upper_Case", true);
        } else if (what.startsWith("a lock of type 1")) {
            replay.volume()
                    .lock(new Lock(
                            "lock-0123456789abcdef",
                            Work.BACKUP_OR_RESTORE,
                            longhorn.clock().instant().plus(Duration.ofSeconds(150))));
        } else if (what.equals("lock removed")) {
            replay.volume().unlock("lock-0123456789abcdef");
        } else if (what.contains("isRestoring")) {
            longhorn.engine("res1", true);
            longhorn.editStatus(
                    ResourceType.ENGINES,
                    "res1-e-0",
                    status -> status.withObjectProperty("restoreStatus")
                            .withObjectProperty("tcp://10.0.0.1:10000")
                            .put("isRestoring", what.contains("true")));
        }
    }
}
