package cloud.lvs.backup.provider.longhorn.controller;

import cloud.lvs.backup.provider.longhorn.controller.api.ApiServer.Answer;
import com.fasterxml.jackson.databind.JsonNode;

/** Sends requests to the scripted server as a client of Longhorn would, one by one. */
final class Requests {
    private static final String LONGHORN = "/apis/longhorn.io/v1beta2/namespaces/longhorn-system/";

    private final ScriptedLonghorn longhorn;

    Requests(ScriptedLonghorn longhorn) {
        this.longhorn = longhorn;
    }

    /** What is answered: the code and the message, empty for an object. */
    record Outcome(int code, String message, JsonNode body) {}

    Outcome create(String plural, String json) {
        return send("POST", plural, "application/json", json);
    }

    Outcome patch(String object, String json) {
        return send("PATCH", object, "application/merge-patch+json", json);
    }

    Outcome delete(String object) {
        return send("DELETE", object, "", "");
    }

    Outcome get(String object) {
        return send("GET", object, "", "");
    }

    Outcome send(String verb, String path, String contentType, String body) {
        String uri = path.startsWith("/") ? path : LONGHORN + path;
        Answer answer = longhorn.server().call(verb, uri, contentType, body.replace('\'', '"'));
        return new Outcome(answer.code(), answer.body().path("message").asText(), answer.body());
    }
}
