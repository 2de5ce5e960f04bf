package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.program.Installation;
import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.toolkit.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The commands that dump a server.
 *
 * @param programs that dump
 * @param server its version
 * @param environment that makes the programs connect as we do
 */
record DumpCommands(Installation programs, PostgresVersion server, Map<String, String> environment) {
    DumpCommands {
        environment = Map.copyOf(environment);
    }

    /** One of the programs, with the arguments that every dump gets. */
    Command of(String program, List<String> arguments) {
        List<String> all = new ArrayList<>();
        all.add("--no-password");
        if (programs.version().major() != server.major()) {
            // What is no keyword here may be one there.
            all.add("--quote-all-identifiers");
        }
        all.addAll(arguments);
        return new Command(programs.program(program), all, new TreeMap<>(environment));
    }

    /** The version of the programs. */
    PostgresVersion version() {
        return programs.version();
    }
}
