package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import java.util.Optional;
import java.util.Set;

/** The webhooks for Settings. */
final class SettingWebhook implements Webhook {
    private static final Set<String> READ_ONLY =
            Set.of("current-longhorn-version", "default-engine-image", "crd-api-version", "stable-longhorn-versions");

    private final Lookup lookup;
    private final SettingDefinitions definitions;

    SettingWebhook(Lookup lookup) {
        this.lookup = lookup;
        definitions = new SettingDefinitions(lookup.release());
    }

    @Override
    public Set<Operation> mutates() {
        return lookup.release().since("1.10") ? Set.of(Operation.CREATE, Operation.UPDATE) : Set.of();
    }

    @Override
    public Set<Operation> validates() {
        return Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE);
    }

    @Override
    public void mutate(Review review) {
        String name = review.key().name();
        if (READ_ONLY.contains(name)) {
            return;
        }
        if (!definitions.known(name)) {
            throw Denial.invalid("setting " + name + " does not exist", "metadata.name");
        }
        String value = review.object().path("value").asText();
        if (definitions.perEngine(name) && !value.startsWith("{")) {
            review.object().put("value", "{\"v1\":\"" + value + "\",\"v2\":\"" + value + "\"}");
        }
    }

    @Override
    public void validate(Review review) {
        String name = review.key().name();
        if (review.operation() == Operation.DELETE) {
            throw Denial.invalid("setting " + name + " can be modified but not deleted", "metadata.name");
        }
        if (READ_ONLY.contains(name)) {
            throw Denial.invalid("setting " + name + " is read-only", "metadata.name");
        }
        String value = review.object().path("value").asText();
        String set = lookup.release().since("1.10") ? "failed to validate setting " : "failed to set the setting ";
        String failed = set + name + " with invalid value " + value + ": ";
        if (!definitions.known(name)) {
            throw Denial.invalid(
                    failed + "value " + value + " of settings " + name + " is invalid: setting " + name
                            + " is not supported",
                    "");
        }
        if (name.equals("backup-target-credential-secret")) {
            Credentials.check(lookup, value).ifPresent(wrong -> {
                throw Denial.invalid(failed + wrong, "value");
            });
        }
        Optional<String> wrong = definitions.check(name, value);
        if (wrong.isPresent()) {
            throw Denial.invalid(
                    failed + "value " + value + " of settings " + name + " is invalid: " + wrong.get(), "value");
        }
    }
}
