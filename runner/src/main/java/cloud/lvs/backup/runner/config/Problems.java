package cloud.lvs.backup.runner.config;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects every mistake, so that they are told in one go. Used from one thread. */
final class Problems {
    private final Set<Problem> found = new LinkedHashSet<>();

    void add(Location at, String path, String message) {
        found.add(new Problem(at, path, message));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    int count() {
        return found.size();
    }

    /** In the order of the file. */
    List<Problem> sorted() {
        return found.stream().sorted(Comparator.comparing(Problem::at)).toList();
    }
}
