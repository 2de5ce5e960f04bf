package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Moves a Secret's {@code stringData} to {@code data}. */
final class SecretData {
    private SecretData() {}

    static void encode(ObjectNode secret) {
        if (!secret.has("type")) {
            secret.put("type", "Opaque");
        }
        if (secret.get("stringData") instanceof ObjectNode plain) {
            ObjectNode data = secret.withObjectProperty("data");
            plain.properties()
                    .forEach(entry -> data.put(
                            entry.getKey(),
                            Base64.getEncoder()
                                    .encodeToString(entry.getValue().asText().getBytes(StandardCharsets.UTF_8))));
            secret.remove("stringData");
        }
    }
}
