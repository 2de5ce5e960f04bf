package cloud.lvs.backup.provider.k3s.decoding;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Reads JSON as the API server stores it: every number as it is written, and nothing nested without end. */
final class JsonDecoder {
    private static final int MAX_DEPTH = 500;
    private static final int MAX_TOKENS = 1_000_000;

    private final ObjectMapper mapper = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxTokenCount(MAX_TOKENS)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /** One value. */
    JsonNode any(byte[] json) throws UndecodableValueException {
        try {
            return mapper.readTree(json);
        } catch (JsonProcessingException e) {
            // Not its text: it may quote a Secret.
            throw UndecodableValueException.damaged("is not whole: its JSON ends or breaks at byte "
                    + Math.max(0, e.getLocation() == null ? 0 : e.getLocation().getByteOffset())
                    + ", is nested more than " + MAX_DEPTH + " deep, or has more than " + MAX_TOKENS + " parts");
        } catch (IOException e) {
            throw UndecodableValueException.damaged("is not whole: its JSON cannot be read");
        }
    }

    /** One object. */
    ObjectNode object(byte[] json) throws UndecodableValueException {
        if (any(json) instanceof ObjectNode object) {
            return object;
        }
        throw UndecodableValueException.damaged("is not whole: its JSON is not an object");
    }

    /** How many values there are in one. */
    static int size(JsonNode node) {
        int size = 1;
        for (JsonNode child : node) {
            size += size(child);
        }
        return size;
    }
}
