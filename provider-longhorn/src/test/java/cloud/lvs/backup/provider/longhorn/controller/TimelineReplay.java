package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredBackup;
import cloud.lvs.backup.provider.longhorn.controller.store.StoredVolume;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Plays the requests of a recorded time line to the scripted controllers, and watches what becomes of the objects. */
final class TimelineReplay implements AutoCloseable {
    static final String URL = "s3://lhb@us-east-1/backups/";
    private static final String VOLUME = "pvc-lz4";
    private static final Duration POLL = Duration.ofMillis(100);

    private final ScriptedLonghorn longhorn = ScriptedLonghorn.startStanding("1.12.1");
    private final Map<String, String> last = new LinkedHashMap<>();
    private final List<Seen> seen = new ArrayList<>();
    private double now;

    /** What was seen to become of something at a time in seconds. */
    record Seen(double at, String what, String state) {}

    /** A cluster whose target holds these backups, pulled or not, and whose resyncs come {@code phase} after the start. */
    TimelineReplay(List<String> backups, boolean pulled, double phase) {
        longhorn.stores().bucket("lhb");
        for (String secret : new String[] {"s3-backup", "s3-nohost"}) {
            longhorn.object(
                    ResourceType.SECRETS,
                    Cluster.NAMESPACE,
                    "{\"metadata\":{\"name\":\"" + secret
                            + "\",\"namespace\":\"longhorn-system\"},\"data\":{\"AWS_ACCESS_KEY_ID\":\"bHZz\"}}");
        }
        longhorn.edit(
                ResourceType.SETTINGS,
                "concurrent-volume-backup-restore-per-node-limit",
                setting -> setting.put("value", "0"));
        for (String backup : backups) {
            store(backup, !backup.endsWith("b5"));
        }
        longhorn.edit(
                ResourceType.BACKUP_TARGETS,
                "default",
                target -> target.withObjectProperty("spec")
                        .put("backupTargetURL", pulled ? URL : "")
                        .put("credentialSecret", pulled ? "s3-backup" : "")
                        .put("pollInterval", "0s"));
        // A resync comes every 30 s from the start on.
        longhorn.advance(Duration.ofMillis(60_000 - (long) (phase * 1000)));
        poll();
        seen.clear();
        last.forEach((what, state) -> seen.add(new Seen(-1000, what, state)));
    }

    /** There is no target at all. */
    void withoutTarget() {
        longhorn.purge(ResourceType.BACKUP_TARGETS, "default");
        poll();
        seen.clear();
    }

    ScriptedLonghorn longhorn() {
        return longhorn;
    }

    List<Seen> seen() {
        return seen;
    }

    /** Lets time pass until so many seconds after the start. */
    void until(double seconds) {
        while (now + 0.05 < seconds) {
            longhorn.advance(POLL);
            now += 0.1;
            poll();
        }
    }

    void store(String backup, boolean whole) {
        Instant made = longhorn.clock().instant();
        volume().put(new StoredBackup(
                backup,
                "s-" + backup,
                "2026-11-30T15:37:46Z",
                whole ? Optional.of(made.plusSeconds(backup.charAt(backup.length() - 1) - '0')) : Optional.empty(),
                whole ? 6 : 0,
                Map.of("lvs-backup-job", "weekly-volumes"),
                "incremental"));
    }

    StoredVolume volume() {
        return longhorn.stores()
                .volumes(URL)
                .computeIfAbsent(
                        VOLUME,
                        name -> new StoredVolume(
                                name, 33_554_432, longhorn.clock().instant()));
    }

    /** Sends a recorded request. */
    int send(JsonNode line) {
        JsonNode request = line.path("request");
        int code = longhorn.server()
                .call(
                        line.path("verb").asText(),
                        line.path("path").asText(),
                        line.path("verb").asText().equals("PATCH")
                                ? "application/merge-patch+json"
                                : "application/json",
                        request.isMissingNode() ? "" : asNow(request).toString())
                .code();
        poll();
        return code;
    }

    /** The recording's days are past: a sync is asked for now. */
    private JsonNode asNow(JsonNode request) {
        if (request.at("/spec/syncRequestedAt").isTextual()) {
            ((ObjectNode) request.get("spec"))
                    .put("syncRequestedAt", longhorn.clock().instant().toString());
        }
        return request;
    }

    private void poll() {
        TreeSet<String> there = new TreeSet<>();
        for (ResourceType type :
                new ResourceType[] {ResourceType.BACKUPS, ResourceType.BACKUP_TARGETS, ResourceType.BACKUP_VOLUMES}) {
            for (ObjectNode object : longhorn.list(type)) {
                String what = type.plural() + "/" + Cluster.name(object);
                there.add(what);
                note(what, state(what, object));
            }
        }
        for (String what : List.copyOf(last.keySet())) {
            if (!there.contains(what) && !what.equals("bucket")) {
                note(what, "gone");
            }
        }
        note("bucket", String.join(" ", longhorn.stores().backups(URL, VOLUME).keySet()));
    }

    private void note(String what, String state) {
        String before = last.put(what, state);
        if (!state.equals(before) && !(before == null && state.equals("gone"))) {
            seen.add(new Seen(now, what, state));
        }
    }

    private static String state(String what, ObjectNode object) {
        if (what.startsWith("backuptargets")) {
            return object.at("/status/available").asBoolean() ? "available" : "unavailable";
        }
        String deleting = Cluster.marked(object) ? "deleting " : "";
        return what.startsWith("backupvolumes")
                ? deleting + "there"
                : deleting + object.at("/status/state").asText();
    }

    /** The same of what was recorded. */
    static String recorded(String what, JsonNode now) {
        if (now.isTextual()) {
            return now.asText();
        }
        if (what.equals("bucket")) {
            List<String> cfgs = new ArrayList<>();
            now.path("cfgs").forEach(cfg -> cfgs.add(cfg.asText()));
            return String.join(" ", cfgs);
        }
        if (what.startsWith("backuptargets")) {
            return now.path("available").asBoolean() ? "available" : "unavailable";
        }
        String deleting = now.path("deleting").asBoolean() ? "deleting " : "";
        return what.startsWith("backupvolumes")
                ? deleting + "there"
                : deleting + now.path("state").asText();
    }

    @Override
    public void close() {
        longhorn.close();
    }
}
