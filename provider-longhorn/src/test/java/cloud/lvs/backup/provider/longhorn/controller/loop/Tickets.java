package cloud.lvs.backup.provider.longhorn.controller.loop;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;

/** Who wants a volume attached besides its workload: tickets of snapshots, backups and restores. */
final class Tickets {
    private final Map<String, TreeSet<String>> holders = new HashMap<>();

    void take(String volume, String holder) {
        holders.computeIfAbsent(volume, key -> new TreeSet<>()).add(holder);
    }

    void drop(String volume, String holder) {
        holders.getOrDefault(volume, new TreeSet<>()).remove(holder);
    }

    void forget(String volume) {
        holders.remove(volume);
    }

    boolean any(String volume) {
        return !holders.getOrDefault(volume, new TreeSet<>()).isEmpty();
    }
}
