package cloud.lvs.backup.provider.longhorn.controller.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kubernetes' quantities, for example {@code 1Gi}. */
public final class Quantities {
    private static final Pattern QUANTITY = Pattern.compile("([0-9.]+)(Ki|Mi|Gi|Ti|k|M|G|T)?");
    private static final Map<String, Long> UNITS = Map.of(
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40,
            "k",
            1_000L,
            "M",
            1_000_000L,
            "G",
            1_000_000_000L,
            "T",
            1_000_000_000_000L);

    private Quantities() {}

    /** The bytes of a Kubernetes quantity, 0 for none. */
    public static long bytes(JsonNode quantity) {
        Matcher match = QUANTITY.matcher(quantity.asText());
        if (!match.matches()) {
            return 0;
        }
        long unit = match.group(2) == null ? 1 : UNITS.getOrDefault(match.group(2), 1L);
        return new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(unit)).longValue();
    }
}
