package cloud.lvs.backup.provider.longhorn.restore;

import java.math.BigDecimal;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as Kubernetes writes them, e.g. {@code 10Gi}. */
final class Quantity {
    private static final Pattern SHAPE = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(|[kMGTPE]|[KMGTPE]i)");
    private static final Map<String, Integer> POWERS =
            Map.of("", 0, "k", 1, "K", 1, "M", 2, "G", 3, "T", 4, "P", 5, "E", 6);

    private Quantity() {}

    /** The bytes that a text says; empty where it is no such text. */
    static OptionalLong bytes(String text) {
        Matcher matcher = SHAPE.matcher(text.strip());
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        String unit = matcher.group(2);
        BigDecimal base = BigDecimal.valueOf(unit.endsWith("i") ? 1024 : 1000);
        int power = POWERS.getOrDefault(unit.replace("i", ""), 0);
        return OptionalLong.of(new BigDecimal(matcher.group(1))
                .multiply(base.pow(power))
                .toBigInteger()
                .longValue());
    }
}
