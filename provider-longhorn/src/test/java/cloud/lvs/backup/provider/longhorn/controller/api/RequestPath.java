package cloud.lvs.backup.provider.longhorn.controller.api;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a request goes.
 *
 * @param group API group, empty for the core group
 * @param subresource {@code status} or {@code scale}, where the path ends in one
 */
record RequestPath(
        String group,
        String version,
        Optional<String> namespace,
        String plural,
        Optional<String> name,
        Optional<String> subresource,
        Map<String, String> query) {
    private static final Pattern PATH = Pattern.compile("/(?:api|apis/(?<group>[^/]+))/(?<version>[^/]+)"
            + "(?:/namespaces/(?<namespace>[^/]+)(?=/))?/(?<plural>[^/]+)"
            + "(?:/(?<name>[^/]+))?(?:/(?<sub>status|scale))?/?");

    /** The parts of a path with its query; empty when it names no objects. */
    static Optional<RequestPath> parse(String uri) {
        int mark = uri.indexOf('?');
        Matcher match = PATH.matcher(decode(mark < 0 ? uri : uri.substring(0, mark)));
        if (!match.matches()) {
            return Optional.empty();
        }
        return Optional.of(new RequestPath(
                Optional.ofNullable(match.group("group")).orElse(""),
                match.group("version"),
                Optional.ofNullable(match.group("namespace")),
                match.group("plural"),
                Optional.ofNullable(match.group("name")),
                Optional.ofNullable(match.group("sub")),
                query(uri)));
    }

    /** The parameters behind the question mark. */
    static Map<String, String> query(String uri) {
        Map<String, String> query = new LinkedHashMap<>();
        int mark = uri.indexOf('?');
        if (mark >= 0) {
            for (String part : uri.substring(mark + 1).split("&", -1)) {
                int equals = part.indexOf('=');
                String name = equals < 0 ? part : part.substring(0, equals);
                query.put(decode(name), equals < 0 ? "" : decode(part.substring(equals + 1)));
            }
        }
        return query;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(query.get(name)).filter(value -> !value.isEmpty());
    }

    boolean dryRun() {
        return "All".equals(query.get("dryRun"));
    }

    boolean watch() {
        String watch = query.getOrDefault("watch", "");
        return watch.equals("true") || watch.equals("1");
    }
}
