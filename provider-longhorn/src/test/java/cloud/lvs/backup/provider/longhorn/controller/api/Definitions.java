package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/** Longhorn's custom resource definitions, without descriptions. */
public final class Definitions {
    private static final String RESOURCE = "/cloud/lvs/backup/provider/longhorn/controller/crds.json.gz";

    private Definitions() {}

    /** The definitions of the newest release. */
    public static List<ObjectNode> newest() {
        try (InputStream packed = Objects.requireNonNull(Definitions.class.getResourceAsStream(RESOURCE));
                InputStream text = new GZIPInputStream(packed)) {
            List<ObjectNode> definitions = new ArrayList<>();
            for (JsonNode definition : new ObjectMapper().readTree(text)) {
                definitions.add((ObjectNode) definition);
            }
            return definitions;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
