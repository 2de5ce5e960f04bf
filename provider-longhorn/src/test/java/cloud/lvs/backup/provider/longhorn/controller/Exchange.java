package cloud.lvs.backup.provider.longhorn.controller;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * A request to Longhorn's own webhooks of a release, and what they answered.
 *
 * @param after the object as it was then, {@code null} for none; empty where it was not recorded
 */
record Exchange(
        String name,
        String step,
        String verb,
        String path,
        String contentType,
        String body,
        List<JsonNode> given,
        int status,
        JsonNode response,
        Optional<JsonNode> after) {
    private static final String RESOURCE = "answers.jsonl.gz";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** All lines of the recording. */
    static List<JsonNode> recorded() {
        List<JsonNode> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Objects.requireNonNull(Exchange.class.getResourceAsStream(RESOURCE))),
                StandardCharsets.UTF_8))) {
            reader.readLine();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(JSON.readTree(line));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return lines;
    }

    /** What a release answered in a line; empty when it was not asked. */
    static Optional<Exchange> of(JsonNode line, String version) {
        if (line.has("timeline")) {
            return Optional.empty();
        }
        if (contains(line.path("versions"), version)) {
            return Optional.of(of(line, line.path("status").asInt(), line.path("response"), after(line)));
        }
        for (JsonNode other : line.path("others")) {
            if (contains(other.path("versions"), version)) {
                int status = other.path("status").asInt(line.path("status").asInt());
                JsonNode response = other.has("response") ? other.path("response") : line.path("response");
                return Optional.of(of(line, status, response, after(line, other, status)));
            }
        }
        return Optional.empty();
    }

    private static Exchange of(JsonNode line, int status, JsonNode response, Optional<JsonNode> after) {
        JsonNode request = line.path("request");
        String body = line.has("rawRequest")
                ? line.path("rawRequest").asText()
                : request.isMissingNode() || request.isNull() ? "" : request.toString();
        List<JsonNode> given = new ArrayList<>();
        line.path("given").forEach(given::add);
        return new Exchange(
                line.path("case").asText(),
                line.path("step").asText(),
                line.path("verb").asText(),
                line.path("path").asText(),
                line.path("contentType").asText("application/json"),
                body,
                given,
                status,
                response,
                after);
    }

    private static Optional<JsonNode> after(JsonNode line) {
        return Optional.ofNullable(line.get("objectAfter"));
    }

    private static Optional<JsonNode> after(JsonNode line, JsonNode other, int status) {
        if (other.has("objectAfter")) {
            return Optional.of(other.get("objectAfter"));
        }
        if (other.has("objectAfterDiffers") && line.path("objectAfter") instanceof ObjectNode base) {
            ObjectNode object = base.deepCopy();
            other.path("objectAfterDiffers")
                    .properties()
                    .forEach(change -> set(object, change.getKey(), change.getValue()));
            for (String map : new String[] {"annotations", "labels"}) {
                if (object.path("metadata").path(map).isObject()
                        && object.path("metadata").path(map).isEmpty()) {
                    ((ObjectNode) object.get("metadata")).remove(map);
                }
            }
            if (object.at("/spec/parameters").isObject()
                    && line.at("/versions/0").isTextual()
                    && object.at("/spec/parameters").isEmpty()
                    && other.path("objectAfterDiffers").toString().contains("spec.parameters.")) {
                ((ObjectNode) object.get("spec")).remove("parameters");
            }
            return Optional.of(object);
        }
        if (status >= 400) {
            return line.path("status").asInt() >= 400 ? after(line) : Optional.empty();
        }
        return after(line);
    }

    /** Paths are joined by dots, which keys contain too: the longest key that is there wins, else the rest is one key. */
    private static void set(ObjectNode object, String path, JsonNode value) {
        for (int dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
            if (object.get(path.substring(0, dot)) instanceof ObjectNode inner) {
                set(inner, path.substring(dot + 1), value);
                return;
            }
        }
        int first = path.indexOf('.');
        boolean nested =
                first > 0 && List.of("metadata", "spec", "status", "labels").contains(path.substring(0, first));
        if (value.isNull()) {
            object.remove(path);
        } else if (nested) {
            set(object.putObject(path.substring(0, first)), path.substring(first + 1), value);
        } else {
            object.set(path, value);
        }
    }

    private static boolean contains(JsonNode list, String text) {
        for (JsonNode one : list) {
            if (one.equals(TextNode.valueOf(text))) {
                return true;
            }
        }
        return false;
    }
}
