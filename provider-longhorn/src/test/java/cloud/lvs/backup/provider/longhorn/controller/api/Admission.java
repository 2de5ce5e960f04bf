package cloud.lvs.backup.provider.longhorn.controller.api;

import cloud.lvs.backup.provider.longhorn.controller.api.Webhook.Denial;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook.Panic;
import java.util.Map;
import java.util.Optional;

/** Asks the webhooks and tells their refusals as the API server does. */
final class Admission {
    private static final String SERVICE = "https://longhorn-admission-webhook.longhorn-system.svc:9502/v1/webhook/";

    private final Map<ResourceType, Webhook> webhooks;
    private final Resources resources;
    private volatile Reach reach = Reach.UP;

    Admission(Map<ResourceType, Webhook> webhooks, Resources resources) {
        this.webhooks = Map.copyOf(webhooks);
        this.resources = resources;
    }

    /** Whether the webhooks can be reached. */
    enum Reach {
        UP,
        REFUSED,
        TIMED_OUT
    }

    void reach(Reach now) {
        reach = now;
    }

    void mutate(Review review) {
        Webhook webhook = webhooks.get(review.key().type());
        if (webhook != null && webhook.mutates().contains(review.operation())) {
            call("mutator.longhorn.io", "mutation", () -> {
                resources.read(review.key().type(), review.object());
                webhook.mutate(review);
            });
        }
    }

    void validate(Review review) {
        Webhook webhook = webhooks.get(review.key().type());
        if (webhook != null && webhook.validates().contains(review.operation())) {
            call("validator.longhorn.io", "validation", () -> webhook.validate(review));
        }
    }

    private void call(String name, String path, Runnable webhook) {
        String failed = "failed calling webhook \"" + name + "\": failed to call webhook: Post \"" + SERVICE + path
                + "?timeout=10s\": ";
        switch (reach) {
            case UP -> {}
            case REFUSED ->
                throw Refusal.internalError(failed + "dial tcp 127.0.0.1:9502: connect: connection refused");
            case TIMED_OUT -> throw Refusal.internalError(failed + "context deadline exceeded");
        }
        try {
            webhook.run();
        } catch (Denial denial) {
            throw refusal(name, denial);
        } catch (Panic panic) {
            throw Refusal.internalError(failed + "EOF");
        }
    }

    private static Refusal refusal(String name, Denial denial) {
        String message = "admission webhook \"" + name + "\" denied the request: " + denial.getMessage();
        return switch (denial.code()) {
            case 400 -> new Refusal(400, "BadRequest", message);
            case 403 -> new Refusal(403, "Forbidden", message);
            case 422 ->
                new Refusal(422, "Invalid", message)
                        .because(
                                "FieldValueInvalid",
                                String.valueOf(denial.getMessage()),
                                Optional.of(denial.field()).filter(field -> !field.isEmpty()));
            default -> new Refusal(500, "InternalError", message);
        };
    }
}
