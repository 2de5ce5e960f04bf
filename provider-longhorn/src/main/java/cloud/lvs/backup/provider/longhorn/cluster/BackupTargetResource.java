package cloud.lvs.backup.provider.longhorn.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where Longhorn keeps backups, as the cluster knows it.
 *
 * @param metadata the default one is named {@code default}
 * @param url e.g. {@code s3://bucket@region/path/}; empty if there is none
 * @param credentialSecret the name of a secret in Longhorn's namespace; may be empty
 * @param pollInterval how often Longhorn reads it, as Go writes it; {@code 0s} for never
 * @param available what Longhorn last said; stale where its controller cannot start
 * @param unavailable why it is not available; one sentence, empty if it is
 * @param lastSyncedAt when Longhorn last read it, or null
 */
public record BackupTargetResource(
        ObjectMetadata metadata,
        String url,
        String credentialSecret,
        String pollInterval,
        boolean available,
        String unavailable,
        @Nullable Instant lastSyncedAt) {

    static BackupTargetResource of(JsonNode object) {
        JsonFields spec = new JsonFields(object.path("spec"));
        JsonFields status = new JsonFields(object.path("status"));
        String reason = Condition.in(status).stream()
                .filter(each -> each.type().equals("Unavailable") && each.isTrue())
                .map(each -> lastError(each.message()))
                .findFirst()
                .orElse("");
        return new BackupTargetResource(
                ObjectMetadata.of(object),
                spec.text("backupTargetURL"),
                spec.text("credentialSecret"),
                spec.text("pollInterval"),
                status.flag("available"),
                reason,
                status.instant("lastSyncedAt"));
    }

    /** The message holds everything that the engine wrote; what went wrong is its last {@code error="…"}. */
    static String lastError(String message) {
        String mark = "error=\"";
        int begin = message.lastIndexOf(mark);
        if (begin < 0) {
            return message.strip();
        }
        StringBuilder error = new StringBuilder();
        for (int i = begin + mark.length(); i < message.length() && message.charAt(i) != '"'; i++) {
            if (message.charAt(i) == '\\' && i + 1 < message.length()) {
                i++;
            }
            error.append(message.charAt(i));
        }
        return error.toString().strip();
    }

    public String name() {
        return metadata.name();
    }
}
