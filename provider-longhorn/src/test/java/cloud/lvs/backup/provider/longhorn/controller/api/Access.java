package cloud.lvs.backup.provider.longhorn.controller.api;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Who may do what: everything, unless a test forbids a verb or lets the token expire. */
public final class Access {
    private volatile String user = "system:serviceaccount:backup:lvs-backup";

    private final List<Rule> forbidden = new CopyOnWriteArrayList<>();
    private volatile Token token = Token.VALID;

    private enum Token {
        VALID,
        EXPIRED
    }

    private record Rule(String verb, String plural) {}

    /**
     * Forbids a verb.
     *
     * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code patch} or {@code delete}
     * @param plural the kind, for example {@code backups}; with a subresource {@code statefulsets/scale}
     */
    public void forbid(String verb, String plural) {
        forbidden.add(new Rule(verb, plural));
    }

    /** Forbids everything, to a user of this name. */
    public void forbidAll(String name) {
        user = name;
        forbid("*", "*");
    }

    /** Allows everything again. */
    public void allowAll() {
        forbidden.clear();
    }

    /** Every request is answered by 401 from now on. */
    public void expireToken() {
        token = Token.EXPIRED;
    }

    /** The token is valid again. */
    public void renewToken() {
        token = Token.VALID;
    }

    void authenticate() {
        if (token == Token.EXPIRED) {
            throw new Refusal(401, "Unauthorized", "Unauthorized");
        }
    }

    void authorize(String method, RequestPath path, ResourceType type) {
        String verb = verb(method, path);
        String plural = type.plural() + path.subresource().map(sub -> "/" + sub).orElse("");
        if (forbidden.contains(new Rule(verb, plural)) || forbidden.contains(new Rule("*", "*"))) {
            Optional<String> name = path.name();
            String scope = path.namespace()
                    .map(namespace -> "in the namespace \"" + namespace + "\"")
                    .orElse("at the cluster scope");
            throw new Refusal(
                            403,
                            "Forbidden",
                            type.qualifiedPlural()
                                    + name.map(text -> " \"" + text + "\"").orElse("")
                                    + " is forbidden: User \"" + user + "\" cannot " + verb + " resource \"" + plural
                                    + "\" in API group \"" + type.group() + "\" " + scope)
                    .about(type, name.orElse(""));
        }
    }

    private static String verb(String method, RequestPath path) {
        return switch (method) {
            case "GET" -> path.watch() ? "watch" : path.name().isPresent() ? "get" : "list";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> path.name().isPresent() ? "delete" : "deletecollection";
            default -> "other";
        };
    }
}
