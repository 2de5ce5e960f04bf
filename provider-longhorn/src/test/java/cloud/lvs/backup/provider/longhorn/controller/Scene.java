package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.Requests.Outcome;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/** A cluster whose time stands, with the attached volume {@code pvc-1} and its snapshot {@code s1}, and a right client. */
final class Scene implements AutoCloseable {
    static final String LABELS = "{'backup-volume':'pvc-1','backup-target':'default'}";

    private final ScriptedLonghorn longhorn;
    private final Requests requests;

    Scene(String version) {
        longhorn = ScriptedLonghorn.startStanding(version).volume(VolumeSeed.named("pvc-1"));
        requests = new Requests(longhorn);
        snapshot("s1", "pvc-1");
        pass(3);
    }

    ScriptedLonghorn longhorn() {
        return longhorn;
    }

    Requests requests() {
        return requests;
    }

    Outcome snapshot(String name, String volume) {
        return requests.create(
                "snapshots",
                "{'metadata':{'name':'" + name + "'},'spec':{'volume':'" + volume + "','createSnapshot':true}}");
    }

    /** The right request for a Backup. */
    Outcome backup(String name) {
        return backup(name, LABELS, "{'snapshotName':'s1','labels':{}}");
    }

    Outcome backup(String name, String labels, String spec) {
        return requests.create(
                "backups", "{'metadata':{'name':'" + name + "','labels':" + labels + "},'spec':" + spec + "}");
    }

    /** A Backup that is in the store and read back. */
    Scene completed(String name) {
        backup(name);
        pass(6);
        return this;
    }

    /** The right request for a Volume made from a Backup. */
    Outcome restore(String volume, String backup) {
        return requests.create(
                "volumes",
                "{'metadata':{'name':'" + volume + "'},'spec':{'fromBackup':'" + url(backup)
                        + "','frontend':'blockdev','numberOfReplicas':1,'dataEngine':'v1'}}");
    }

    String url(String backup) {
        return ScriptedLonghorn.TARGET_URL + "?backup=" + backup + "&volume=pvc-1";
    }

    void pass(double seconds) {
        longhorn.advance(Duration.ofMillis((long) (seconds * 1000)));
    }

    JsonNode status(String object) {
        return requests.get(object).body().path("status");
    }

    String state(String object) {
        return status(object).path("state").asText();
    }

    boolean stored(String backup) {
        return longhorn.stores().backups(ScriptedLonghorn.TARGET_URL, "pvc-1").containsKey(backup);
    }

    boolean there(String object) {
        return requests.get(object).code() == 200;
    }

    void target(String spec) {
        requests.patch("backuptargets/default", "{'spec':" + spec + "}");
    }

    void setting(String name, String value) {
        longhorn.edit(ResourceType.SETTINGS, name, setting -> setting.put("value", value));
    }

    @Override
    public void close() {
        longhorn.close();
    }
}
