package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.program.Command;
import cloud.lvs.backup.provider.postgres.program.Installation;
import cloud.lvs.backup.provider.postgres.server.Cluster;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.RunContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What all dumps of a run have in common.
 *
 * @param config as the operator wrote it
 * @param cluster what the server said
 * @param sessions over JDBC
 * @param programs that dump
 * @param environment that makes them connect as we do
 * @param withoutData globs of tables whose rows are left out
 * @param matched those of them that named a table; grows, from several threads
 * @param out where artifacts go
 * @param guard over what the sessions wait for
 * @param run the run
 */
record DumpSetting(
        PostgresConfig config,
        Cluster cluster,
        Sessions sessions,
        Installation programs,
        Map<String, String> environment,
        List<Glob> withoutData,
        Set<String> matched,
        ArtifactWriter out,
        LockGuard guard,
        RunContext run) {

    /** One of the programs, with the arguments that every dump gets. */
    Command command(String program, List<String> arguments) {
        List<String> all = new ArrayList<>();
        all.add("--no-password");
        if (programs.version().major() != cluster.version().major()) {
            // What is no keyword here may be one there.
            all.add("--quote-all-identifiers");
        }
        all.addAll(arguments);
        return new Command(programs.program(program), all, new TreeMap<>(environment));
    }

    /** The option that bounds the wait for locks. */
    String lockWaitTimeout() {
        return "--lock-wait-timeout=" + config.lockWaitTimeout().toMillis();
    }
}
