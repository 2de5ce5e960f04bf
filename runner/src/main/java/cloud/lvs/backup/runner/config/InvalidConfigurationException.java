package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.yaml.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used; tells every mistake in it. */
public final class InvalidConfigurationException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    InvalidConfigurationException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** In the order of the file; at least one. */
    public List<Problem> problems() {
        return problems;
    }
}
