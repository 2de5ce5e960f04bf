package cloud.lvs.backup.provider.longhorn.cluster;

import java.util.List;

/**
 * What Longhorn says of an object, e.g. that a volume cannot be {@code Scheduled}.
 *
 * @param type what it is about
 * @param status {@code True}, {@code False} or {@code Unknown}
 * @param reason in one word; may be empty
 * @param message in words; may be empty, may be very long
 */
public record Condition(String type, String status, String reason, String message) {
    static List<Condition> in(JsonFields status) {
        return status.list("conditions").stream()
                .map(each -> new Condition(
                        each.text("type"), each.text("status"), each.text("reason"), each.text("message")))
                .toList();
    }

    public boolean isTrue() {
        return status.equals("True");
    }
}
