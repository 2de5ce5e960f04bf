package cloud.lvs.backup.provider.longhorn.cluster;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a request came to that failed. The code of the answer alone does not tell: webhooks of Longhorn refuse with 403 and 500,
 * too, and an answer of 500 may be final or not.
 *
 * @param cause what the client threw
 * @param nature what can be done
 */
record ApiFailure(KubernetesClientException cause, Nature nature) {
    private static final Pattern RBAC = Pattern.compile("User \"([^\"]*)\" cannot (\\S+) resource \"([^\"]+)\" in API"
            + " group \"([^\"]*)\"(?: in the namespace \"([^\"]*)\")?");
    private static final String DENIED = "denied the request: ";

    /** What can be done about a failure. */
    enum Nature {
        /** There is no such object, or no such kind. */
        NOT_FOUND,
        /** There is one of this name, or it was changed meanwhile. */
        CONFLICT,
        /** The authorizer refuses. */
        FORBIDDEN,
        /** The API server does not know who asks. */
        UNAUTHENTICATED,
        /** Nobody answers, or not now: the same request may succeed. */
        TRANSIENT,
        /** Longhorn has not seen yet what it was just given: the same request succeeds soon, or never. */
        TOO_EARLY,
        /** A webhook closed the connection: it died, or the request makes it panic. Worth one more try. */
        CUT_OFF,
        /** The request is refused, however often it is sent. */
        REFUSED
    }

    static ApiFailure of(KubernetesClientException e) {
        return new ApiFailure(e, nature(e.getCode(), message(e)));
    }

    private static Nature nature(int code, String message) {
        if (message.contains(DENIED)) {
            // A snapshot that another manager has not seen yet is "<nil>": longhorn/longhorn 11451.
            return message.endsWith("please retry later") || message.contains("snapshot <nil> is invalid")
                    ? Nature.TOO_EARLY
                    : Nature.REFUSED;
        }
        if (message.contains("does not apply")) {
            return Nature.REFUSED;
        }
        if (message.contains("failed calling webhook")) {
            return message.endsWith("EOF") ? Nature.CUT_OFF : Nature.TRANSIENT;
        }
        return switch (code) {
            case 404 -> Nature.NOT_FOUND;
            case 409 -> Nature.CONFLICT;
            case 401 -> Nature.UNAUTHENTICATED;
            case 403 -> RBAC.matcher(message).find() ? Nature.FORBIDDEN : Nature.REFUSED;
            case 408, 429 -> Nature.TRANSIENT;
            default -> code <= 0 || code >= 500 ? Nature.TRANSIENT : Nature.REFUSED;
        };
    }

    private static String message(KubernetesClientException e) {
        String told = e.getStatus() == null ? null : e.getStatus().getMessage();
        if (told != null && !told.isBlank()) {
            return told.strip();
        }
        Throwable cause = e.getCause();
        String message = cause == null || cause.getMessage() == null ? e.getMessage() : cause.getMessage();
        if (message == null) {
            return (cause == null ? e : cause).getClass().getSimpleName();
        }
        return message.strip();
    }

    /**
     * For whoever has to act on it.
     *
     * @param target what was asked for, e.g. {@code Backup longhorn-system/backup-1}
     */
    BackupException describe(String target) {
        String message = message(cause);
        return switch (nature) {
            case FORBIDDEN -> forbidden(target, message);
            case UNAUTHENTICATED ->
                new BackupException(
                        Kind.CREDENTIALS,
                        target,
                        "the API server does not accept the credentials",
                        "the token or certificate is expired or of another cluster; try kubectl auth whoami with it",
                        cause);
            case NOT_FOUND -> new BackupException(Kind.NOT_FOUND, target, "does not exist", "look for it", cause);
            case CONFLICT ->
                new BackupException(
                        Kind.SOURCE, target, "exists already, or was changed meanwhile", "run again", cause);
            case TRANSIENT ->
                new BackupException(
                        Kind.SOURCE,
                        target,
                        message.contains("failed calling webhook")
                                ? "Longhorn's webhook does not answer: " + message
                                : "the API server does not answer: " + message,
                        message.contains("failed calling webhook")
                                ? "look at the pods of longhorn-manager"
                                : "look at the API server and the way to it",
                        cause);
            case TOO_EARLY, CUT_OFF, REFUSED ->
                new BackupException(
                        Kind.SOURCE,
                        target,
                        (cause.getCode() == 422 || message.contains(DENIED) ? "Longhorn" : "the API server")
                                + " refuses: " + reason(message),
                        "mend what it says, then run again",
                        cause);
        };
    }

    private static String reason(String message) {
        int denied = message.indexOf(DENIED);
        return denied < 0 ? message : message.substring(denied + DENIED.length());
    }

    private BackupException forbidden(String target, String message) {
        Matcher rule = RBAC.matcher(message);
        if (!rule.find()) {
            return new BackupException(Kind.CREDENTIALS, target, message, "look at the roles of this user", cause);
        }
        String place = rule.group(5) == null ? "a ClusterRole" : "a Role in namespace " + rule.group(5);
        return new BackupException(
                Kind.CREDENTIALS,
                target,
                rule.group(1) + " may not " + rule.group(2) + " " + rule.group(3)
                        + (rule.group(4).isEmpty() ? "" : "." + rule.group(4)),
                "add to " + place + " that it is bound to: {apiGroups: [\"" + rule.group(4) + "\"], resources: ["
                        + rule.group(3) + "], verbs: [" + rule.group(2) + "]}",
                cause);
    }
}
