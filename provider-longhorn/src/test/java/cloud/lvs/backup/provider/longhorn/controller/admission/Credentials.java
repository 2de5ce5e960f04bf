package cloud.lvs.backup.provider.longhorn.controller.admission;

import cloud.lvs.backup.provider.longhorn.controller.Release;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.provider.longhorn.controller.loop.Cluster;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What a webhook says to the values of a credential Secret. */
final class Credentials {
    private static final String[] KEYS = {
        "AWS_IAM_ROLE_ARN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINTS", "AWS_CERT",
        "CIFS_USERNAME", "CIFS_PASSWORD", "AZBLOB_ACCOUNT_NAME", "AZBLOB_ACCOUNT_KEY", "AZBLOB_ENDPOINT",
        "AZBLOB_CERT", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "VIRTUAL_HOSTED_STYLE"
    };

    private Credentials() {}

    /** What is wrong, empty when nothing is or there is no such Secret. */
    static Optional<String> check(Lookup lookup, String name) {
        Optional<ObjectNode> secret =
                lookup.cluster().find(new ObjectKey(ResourceType.SECRETS, Cluster.NAMESPACE, name));
        if (name.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        JsonNode data = secret.get().path("data");
        if (data.isEmpty()) {
            return Optional.of("secret data is nil for secret " + name);
        }
        List<String> wrong = new ArrayList<>();
        for (String key : KEYS) {
            if (data.has(key)) {
                String value =
                        new String(Base64.getDecoder().decode(data.path(key).asText()), StandardCharsets.UTF_8);
                value(lookup.release(), key, value, wrong);
            }
        }
        if (wrong.isEmpty()) {
            return Optional.empty();
        }
        if (lookup.release().before("1.9")) {
            return Optional.of(wrong.get(0));
        }
        if (lookup.release().before("1.10")) {
            Collections.sort(wrong);
            return Optional.of("credential validation error(s): " + String.join(";", wrong));
        }
        return Optional.of("credential validation error(s): " + String.join("; ", wrong));
    }

    private static void value(Release release, String key, String value, List<String> wrong) {
        String space = release.since("1.9") ? "whitespace" : "white space";
        String line = release.since("1.9") ? "newline" : "new line";
        if (release.before("1.6")) {
            if (!value.equals(value.strip())) {
                wrong.add("there is space or new line in " + key);
            }
            return;
        }
        int before = wrong.size();
        if (value.startsWith(" ")) {
            wrong.add("invalid leading " + space + " in " + key);
        }
        if (value.endsWith(" ")) {
            wrong.add("invalid trailing " + space + " in " + key);
        }
        if (value.startsWith("\n")) {
            wrong.add("invalid leading " + line + " in " + key);
        }
        if (value.endsWith("\n")) {
            wrong.add("invalid trailing " + line + " in " + key);
        }
        if (release.before("1.9") && wrong.size() == before && !value.equals(value.strip())) {
            wrong.add("there is space or new line in " + key);
        }
    }
}
