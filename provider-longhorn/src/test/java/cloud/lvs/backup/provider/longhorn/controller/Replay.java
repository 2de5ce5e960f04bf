package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.provider.longhorn.controller.admission.Webhooks;
import cloud.lvs.backup.provider.longhorn.controller.api.ApiServer;
import cloud.lvs.backup.provider.longhorn.controller.api.ApiServer.Answer;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectStore;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.kubernetes.Binder;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Sends recorded requests to the scripted webhooks of a release and tells where the answers differ. */
final class Replay implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ApiServer server;
    private final String version;
    private final Binder binder;
    private Map<ObjectKey, ObjectNode> world = Map.of();

    Replay(String version) {
        this.version = version;
        Release release = Release.parse(version);
        Webhooks webhooks = new Webhooks(release);
        server = new ApiServer(TestTime.clock(), Releases.resources(release), webhooks.byType());
        Cluster cluster = new Cluster(server.store());
        webhooks.read(cluster);
        binder = new Binder(cluster);
    }

    /** Sets up what stands before every case. */
    void world(List<JsonNode> lines) {
        ReplaySettings.put(server.store(), version);
        for (JsonNode line : lines) {
            if (line.path("case").asText().equals("world") && sent(line)) {
                Answer answer = send(
                        line.path("verb").asText(),
                        asThen(line.path("path").asText()),
                        line.path("contentType").asText("application/json"),
                        asThen(line.path("request").toString()));
                if (answer.code() >= 300) {
                    throw new IllegalStateException(version + " world " + line.path("step") + ": " + answer);
                }
            }
        }
        world = server.store().all();
    }

    /** Up to 1.7 a BackupVolume is called as its volume, and there is no label for the target. */
    private String asThen(String text) {
        return Release.parse(version).since("1.8")
                ? text
                : text.replace("gone-vol-14451a40", "gone-vol").replace(",\"backup-target\":\"default\"", "");
    }

    private boolean sent(JsonNode line) {
        String text = line.path("path").asText() + line.path("request");
        return Release.parse(version).since("1.8")
                || !text.matches(".*(/second|/down|/empty|\"second\"|\"down\"|\"empty\"|-second|-down|-empty).*");
    }

    /** Plays one case from the start; the differences, none when all is as recorded. */
    List<String> differences(List<Exchange> steps) {
        reset();
        String name = steps.get(0).name();
        server.access().allowAll();
        server.startWebhooks();
        List<String> differences = new ArrayList<>();
        for (JsonNode given : steps.get(0).given()) {
            JsonNode request = given.path("request");
            send(
                    given.path("verb").asText(),
                    given.path("path").asText(),
                    given.path("contentType").asText("application/json"),
                    request.isMissingNode() || request.isNull() ? "" : request.toString());
        }
        if (name.equals("forbidden-by-rbac")) {
            server.access().forbidAll("system:serviceaccount:shop:nobody");
        } else if (name.equals("webhook-down")) {
            server.stopWebhooks();
        }
        for (Exchange step : steps) {
            collectGarbage();
            bindClaims();
            Answer answer = send(step);
            compare(step, answer, differences);
        }
        return differences;
    }

    private void bindClaims() {
        for (ObjectKey key : server.store().all().keySet()) {
            if (key.type().equals(ResourceType.CLAIMS)) {
                binder.bind(key);
            }
        }
    }

    /** Deletes what has lost its owner, as the controller manager does. */
    private void collectGarbage() {
        Map<ObjectKey, ObjectNode> all = server.store().all();
        all.forEach((key, object) -> {
            JsonNode owners = object.path("metadata").path("ownerReferences");
            boolean owned = owners.isEmpty();
            for (JsonNode owner : owners) {
                owned |= all.keySet().stream()
                        .anyMatch(other -> other.name()
                                        .equals(owner.path("name").asText())
                                && other.type().kind().equals(owner.path("kind").asText()));
            }
            if (!owned) {
                server.store().delete(key);
            }
        });
    }

    private void compare(Exchange step, Answer answer, List<String> differences) {
        String where = step.name() + " step " + step.step() + ": ";
        if (answer.code() != step.status()) {
            differences.add(where + "HTTP " + step.status() + " was " + answer.code() + " "
                    + answer.body().path("message").asText());
            return;
        }
        JsonNode expected = step.response();
        JsonNode response = Recorded.response(answer.body(), expected);
        if (!expected.isMissingNode() && !expected.equals(response)) {
            differences.add(where + "response " + expected + " was " + response);
        }
        if (step.after().isEmpty() || step.after().get().isTextual()) {
            return;
        }
        JsonNode after = step.after().get();
        JsonNode now = Recorded.object(object(step, answer), after, version);
        if (!after.equals(now)) {
            differences.add(where + "object " + Recorded.difference(after, now));
        }
    }

    private JsonNode object(Exchange step, Answer answer) {
        String path = step.path().replaceFirst("\\?.*", "").replaceFirst("/(status|scale)$", "");
        if (step.verb().equals("POST")) {
            String name = answer.body().path("metadata").path("name").asText();
            if (name.isEmpty() || answer.code() >= 300) {
                return JsonNodeFactory.instance.nullNode();
            }
            path += "/" + name;
        } else if (step.verb().equals("DELETE") && answer.body().has("items")) {
            path += "/" + answer.body().at("/items/0/metadata/name").asText();
        }
        server.access().allowAll();
        Answer read = send("GET", path, "", "");
        if (step.name().equals("forbidden-by-rbac")) {
            server.access().forbidAll("system:serviceaccount:shop:nobody");
        }
        return read.code() == 200 && !read.body().has("items") ? read.body() : JsonNodeFactory.instance.nullNode();
    }

    /** Sends a step; settings that were not there were made where the recording says PATCH and 201. */
    private Answer send(Exchange step) {
        if (step.verb().equals("PATCH") && step.path().contains("/settings/") && step.status() != 200) {
            String name = step.path().replaceFirst(".*/", "");
            if (server.call("GET", step.path(), "", "").code() == 404) {
                ObjectNode setting = (ObjectNode) parse(step.body());
                setting.putObject("metadata").put("name", name);
                return send("POST", step.path().replaceFirst("/[^/]*$", ""), "application/json", setting.toString());
            }
        }
        if (step.verb().equals("POST") && step.path().endsWith("/settings") && step.status() == 200) {
            String name = parse(step.body()).path("metadata").path("name").asText();
            return send("PATCH", step.path() + "/" + name, "application/merge-patch+json", step.body());
        }
        return send(step.verb(), step.path(), step.contentType(), step.body());
    }

    private Answer send(String verb, String path, String contentType, String body) {
        return server.call(verb, path, contentType, body);
    }

    private void reset() {
        ObjectStore store = server.store();
        Map<ObjectKey, ObjectNode> now = store.all();
        Set<ObjectKey> carried = now.keySet().stream().filter(this::carried).collect(Collectors.toSet());
        now.forEach((key, object) -> {
            if (!object.equals(world.get(key)) && !carried.contains(key)) {
                store.purge(key);
            }
        });
        world.forEach((key, object) -> {
            if (!object.equals(now.get(key)) && !carried.contains(key)) {
                ObjectNode copy = object.deepCopy();
                ((ObjectNode) copy.get("metadata")).remove("resourceVersion");
                store.create(key, copy);
                if (object.has("status")) {
                    ObjectNode stored = store.find(key).orElseThrow();
                    stored.set("status", object.get("status"));
                    store.replaceStatus(key, stored);
                }
            }
        });
        world = store.all();
    }

    /** What the recording did not set back between its cases. */
    private boolean carried(ObjectKey key) {
        boolean otherSecret = key.type().equals(ResourceType.SECRETS)
                && key.name().equals("s3-backup")
                && !server.store()
                        .find(key)
                        .map(object -> object.path("data"))
                        .equals(Optional.ofNullable(world.get(key)).map(object -> object.path("data")));
        return otherSecret
                || key.type().equals(ResourceType.SETTINGS)
                        && Release.parse(version).before("1.12");
    }

    static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
