package cloud.lvs.backup.provider.longhorn.controller.api;

import cloud.lvs.backup.provider.longhorn.controller.api.Review.Operation;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;

/** What the API server demands of every object's name and labels. */
final class MetadataRules {
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern LABEL = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");

    private MetadataRules() {}

    static void check(ObjectNode object, Operation operation, Problems problems) {
        JsonNode metadata = object.path("metadata");
        String name = metadata.path("name").asText();
        if (name.length() > 253) {
            problems.invalid("metadata.name", "\"" + name + "\": must be no more than 253 characters");
        } else if (!NAME.matcher(name).matches()) {
            problems.invalid(
                    "metadata.name",
                    "\"" + name + "\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
                            + " characters, '-' or '.', and must start and end with an alphanumeric character (e.g."
                            + " 'example.com', regex used for validation is"
                            + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
        }
        // An update asks the same rules three times over.
        for (int time = 0; time < (operation == Operation.UPDATE ? 3 : 1); time++) {
            metadata.path("labels").forEach(value -> label(value.asText(), problems));
        }
    }

    private static void label(String value, Problems problems) {
        if (value.length() > 63) {
            problems.invalid("metadata.labels", "\"" + value + "\": must be no more than 63 bytes");
        } else if (!LABEL.matcher(value).matches()) {
            problems.invalid(
                    "metadata.labels",
                    "\"" + value + "\": a valid label must be an empty string or consist of alphanumeric characters,"
                            + " '-', '_' or '.', and must start and end with an alphanumeric character (e.g."
                            + " 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
                            + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
        }
    }
}
