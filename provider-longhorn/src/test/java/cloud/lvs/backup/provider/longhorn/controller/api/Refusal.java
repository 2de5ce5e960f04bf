package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** An answer of kind Status, with its HTTP code, its reason and its details. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;
    private final transient ObjectNode details = JsonNodeFactory.instance.objectNode();

    /** A refusal without details. */
    public Refusal(int code, String reason, String message) {
        super(message);
        this.code = code;
        this.reason = reason;
    }

    /** The object is not there. */
    public static Refusal notFound(ResourceType type, String name) {
        return new Refusal(404, "NotFound", type.qualifiedPlural() + " \"" + name + "\" not found").about(type, name);
    }

    /** The name is taken. */
    public static Refusal alreadyExists(ResourceType type, String name) {
        return new Refusal(409, "AlreadyExists", type.qualifiedPlural() + " \"" + name + "\" already exists")
                .about(type, name);
    }

    /** The request is not understood. */
    public static Refusal badRequest(String message) {
        return new Refusal(400, "BadRequest", message);
    }

    /** Something in the server or a webhook broke. */
    public static Refusal internalError(String message) {
        return new Refusal(500, "InternalError", "Internal error occurred: " + message);
    }

    /** The same with what it is about. */
    public Refusal about(ResourceType type, String name) {
        if (!name.isEmpty()) {
            details.put("name", name);
        }
        if (!type.group().isEmpty()) {
            details.put("group", type.group());
        }
        details.put("kind", type.plural());
        return this;
    }

    /** The same with the kind instead of the plural, as the validation of an object says it. */
    public Refusal aboutKind(ResourceType type, String name) {
        about(type, name).details.put("kind", type.kind());
        return this;
    }

    /** The same with one more cause. */
    public Refusal because(String causeReason, String message, Optional<String> field) {
        ObjectNode cause = details.withArray("causes").addObject();
        cause.put("reason", causeReason).put("message", message);
        field.ifPresent(path -> cause.put("field", path));
        return this;
    }

    /** The HTTP code. */
    public int code() {
        return code;
    }

    /** The object that is sent. */
    public ObjectNode status() {
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("kind", "Status").put("apiVersion", "v1").putObject("metadata");
        status.put("status", "Failure").put("message", getMessage());
        if (!reason.isEmpty()) {
            status.put("reason", reason);
        }
        if (!details.isEmpty()) {
            status.set("details", details);
        }
        return status.put("code", code);
    }
}
