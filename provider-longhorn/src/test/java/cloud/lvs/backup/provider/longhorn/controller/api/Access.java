package cloud.lvs.backup.provider.longhorn.controller.api;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Who may do what: everything, unless a test forbids a verb, grants some alone or lets the token expire. */
public final class Access {
    private volatile String user = "system:serviceaccount:backup:lvs-backup";

    private final List<Rule> forbidden = new CopyOnWriteArrayList<>();
    private final Set<Use> uses = ConcurrentHashMap.newKeySet();
    private volatile Token token = Token.VALID;
    private volatile @Nullable Set<Use> granted;

    private enum Token {
        VALID,
        EXPIRED
    }

    private record Rule(String verb, String plural) {}

    /**
     * What was asked for, as a role grants it.
     *
     * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code patch} or {@code delete}
     * @param group empty for the core of Kubernetes
     * @param resource with its subresource, for example {@code statefulsets/scale}
     */
    public record Use(String verb, String group, String resource) {}

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
        granted = null;
    }

    /** Allows these alone from now on, as an authorizer does for an account that has but them, and forgets what was asked for. */
    public void grantOnly(Set<Use> rights) {
        granted = Set.copyOf(rights);
        uses.clear();
    }

    /** All that was asked for since, refused or not. */
    public Set<Use> uses() {
        return Set.copyOf(uses);
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
        Use use = new Use(verb, type.group(), plural);
        uses.add(use);
        Set<Use> only = granted;
        if (only != null && !only.contains(use)
                || forbidden.contains(new Rule(verb, plural))
                || forbidden.contains(new Rule("*", "*"))) {
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
