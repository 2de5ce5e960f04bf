package cloud.lvs.backup.runner.config.yaml;

import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects every mistake, so that they are told in one go. Used from one thread. */
public final class ProblemCollector {
    private final Set<Problem> found = new LinkedHashSet<>();

    public void add(TextPosition at, String path, String message) {
        found.add(new Problem(at, path, message));
    }

    public boolean isEmpty() {
        return found.isEmpty();
    }

    public int count() {
        return found.size();
    }

    /** In the order of the file. */
    public List<Problem> sorted() {
        return found.stream().sorted(Comparator.comparing(Problem::at)).toList();
    }
}
