package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.api.Review;
import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import cloud.lvs.backup.provider.longhorn.controller.api.Webhook;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** The webhooks for BackupTargets, there since 1.8. */
final class BackupTargetWebhook implements Webhook {
    private static final Pattern NAME = Pattern.compile("^[a-z0-9][a-z0-9_.-]+$");

    private final Lookup lookup;

    BackupTargetWebhook(Lookup lookup) {
        this.lookup = lookup;
    }

    @Override
    public Set<Operation> mutates() {
        return lookup.release().since("1.8") ? Set.of(Operation.CREATE, Operation.UPDATE) : Set.of();
    }

    @Override
    public Set<Operation> validates() {
        return lookup.release().since("1.8") ? Set.of(Operation.CREATE, Operation.UPDATE, Operation.DELETE) : Set.of();
    }

    @Override
    public void mutate(Review review) {
        String url = review.spec().path("backupTargetURL").asText();
        if (lookup.release().since("1.11") && url.startsWith("nfs:") && url.endsWith("?nfsOptions=hard")) {
            review.replace(
                    "backupTargetURL", url.replace("?nfsOptions=hard", "?nfsOptions=soft%2Ctimeo%3D300%2Cretry%3D2"));
        }
        Mutations.finalizer(review);
    }

    @Override
    public void validate(Review review) {
        JsonNode spec = review.spec();
        switch (review.operation()) {
            case CREATE -> {
                String name = review.key().name();
                if (!NAME.matcher(name).matches()) {
                    throw Denial.invalid("invalid name " + name, "");
                }
                url(review);
                credentials(spec);
                annotateSecret(spec);
            }
            case UPDATE -> {
                JsonNode before = review.before().orElseThrow().path("spec");
                boolean moved = changed(before, spec, "backupTargetURL");
                boolean otherSecret = changed(before, spec, "credentialSecret");
                if (moved || otherSecret) {
                    noStandby();
                }
                if (moved) {
                    url(review);
                }
                if (otherSecret) {
                    credentials(spec);
                }
            }
            case DELETE -> {
                if (review.key().name().equals("default")) {
                    throw Denial.invalid("deleting default backup target is not allowed", "");
                }
                noStandby();
            }
        }
    }

    private static boolean changed(JsonNode before, JsonNode now, String field) {
        return !before.path(field).asText().equals(now.path(field).asText());
    }

    private void url(Review review) {
        String url = review.spec().path("backupTargetURL").asText();
        if (url.isEmpty()) {
            return;
        }
        TargetUrls.check(url).ifPresent(wrong -> {
            throw Denial.invalid(wrong, "");
        });
        for (ObjectNode other : lookup.cluster().list(ResourceType.BACKUP_TARGETS)) {
            String name = Cluster.name(other);
            if (!name.equals(review.key().name())
                    && other.path("spec").path("backupTargetURL").asText().equalsIgnoreCase(url)) {
                throw Denial.invalid("url " + url + " is the same to backup target " + name, "");
            }
        }
    }

    private void credentials(JsonNode spec) {
        String secret = spec.path("credentialSecret").asText();
        Credentials.check(lookup, secret).ifPresent(wrong -> {
            throw Denial.invalid(wrong, "");
        });
    }

    private void annotateSecret(JsonNode spec) {
        ObjectKey key = new ObjectKey(
                ResourceType.SECRETS,
                Cluster.NAMESPACE,
                spec.path("credentialSecret").asText());
        lookup.cluster()
                .update(
                        key,
                        secret -> secret.withObjectProperty("metadata")
                                .withObjectProperty("annotations")
                                .put(
                                        "longhorn.io/backup-target",
                                        spec.path("backupTargetURL").asText()));
    }

    private void noStandby() {
        StringJoiner names = new StringJoiner(" ");
        lookup.cluster().list(ResourceType.VOLUMES).stream()
                .filter(volume -> volume.path("status").path("isStandby").asBoolean())
                .forEach(volume -> names.add(Cluster.name(volume) + ":{}"));
        Optional.of(names.toString()).filter(text -> !text.isEmpty()).ifPresent(text -> {
            throw Denial.invalid(
                    "cannot modify BackupTarget since there are existing standby volumes: map[" + text + "]", "");
        });
    }
}
