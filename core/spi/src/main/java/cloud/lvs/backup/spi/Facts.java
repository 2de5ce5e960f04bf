package cloud.lvs.backup.spi;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Named facts as the records here keep them: immutable, without nulls, in the order of their names. */
final class Facts {
    private Facts() {}

    static Map<String, String> copyOf(Map<String, String> facts) {
        return Collections.unmodifiableMap(new TreeMap<>(Map.copyOf(facts)));
    }
}
