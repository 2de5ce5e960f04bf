package cloud.lvs.backup.toolkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A program to start.
 *
 * @param program its path
 * @param arguments no secret among them: every user of the machine can read them
 * @param environment all the variables it gets besides {@code PATH} and the locale; nothing is inherited, since a stray
 *     {@code PG…} variable would change what it does
 */
public record Command(Path program, List<String> arguments, Map<String, String> environment) {
    public Command {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /** The program's name, e.g. {@code pg_dump}. */
    public String name() {
        return String.valueOf(program.getFileName());
    }

    /** The whole environment: messages are in English, so that they can be told apart. */
    Map<String, String> fullEnvironment() {
        Map<String, String> all = new TreeMap<>();
        all.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        all.put("LC_ALL", "C");
        all.putAll(environment);
        return all;
    }
}
