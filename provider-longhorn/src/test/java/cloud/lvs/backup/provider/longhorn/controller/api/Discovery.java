package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.TreeSet;

/** What the server says about itself: its version, groups and kinds. */
final class Discovery {
    private Discovery() {}

    /** The answer to a path that names no objects; a plain text for a version that is not served. */
    static ApiServer.Answer read(String uri, Resources resources) {
        boolean served = RequestPath.parse(uri)
                .map(path -> resources.types().stream()
                        .anyMatch(type -> type.group().equals(path.group())
                                && type.version().equals(path.version())))
                .orElse(true);
        return served
                ? new ApiServer.Answer(200, answer(uri, resources))
                : new ApiServer.Answer(404, TextNode.valueOf("404 page not found\n"));
    }

    private static ObjectNode answer(String uri, Resources resources) {
        int mark = uri.indexOf('?');
        String path = (mark < 0 ? uri : uri.substring(0, mark)).replaceAll("/$", "");
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        switch (path) {
            case "/version" -> {
                return answer.put("major", "1").put("minor", "36").put("gitVersion", "v1.36.3");
            }
            case "/readyz", "/livez", "/healthz" -> {
                return answer.put("status", "ok");
            }
            case "/api" -> {
                answer.put("kind", "APIVersions").putArray("versions").add("v1");
                return answer;
            }
            case "/apis" -> {
                return groups(answer, resources);
            }
            default -> {
                return kinds(answer, path, resources);
            }
        }
    }

    private static ObjectNode groups(ObjectNode answer, Resources resources) {
        answer.put("kind", "APIGroupList").put("apiVersion", "v1");
        var list = answer.putArray("groups");
        TreeSet<String> versions = new TreeSet<>();
        resources.types().stream()
                .filter(type -> !type.group().isEmpty())
                .forEach(type -> versions.add(type.apiVersion()));
        for (String version : versions) {
            String[] parts = version.split("/");
            ObjectNode group = list.addObject().put("name", parts[0]);
            group.putArray("versions").addObject().put("groupVersion", version).put("version", parts[1]);
            group.putObject("preferredVersion").put("groupVersion", version).put("version", parts[1]);
        }
        return answer;
    }

    private static ObjectNode kinds(ObjectNode answer, String path, Resources resources) {
        String version = path.replaceFirst("^/(api|apis)/", "");
        var types = resources.types().stream()
                .filter(type -> type.apiVersion().equals(version))
                .toList();
        if (types.isEmpty()) {
            throw new Refusal(404, "NotFound", "the server could not find the requested resource");
        }
        answer.put("kind", "APIResourceList").put("apiVersion", "v1").put("groupVersion", version);
        var list = answer.putArray("resources");
        types.forEach(type -> {
            list.addObject()
                    .put("name", type.plural())
                    .put("singularName", "")
                    .put("namespaced", type.namespaced())
                    .put("kind", type.kind())
                    .putArray("verbs")
                    .add("get")
                    .add("list")
                    .add("watch")
                    .add("create");
            if (type.statusSubresource()) {
                list.addObject()
                        .put("name", type.plural() + "/status")
                        .put("singularName", "")
                        .put("namespaced", type.namespaced())
                        .put("kind", type.kind())
                        .putArray("verbs")
                        .add("get")
                        .add("patch");
            }
        });
        return answer;
    }
}
