package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.server.ServerInfo;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.Glob;
import java.util.List;
import java.util.Set;

/**
 * What all dumps of a run have in common.
 *
 * @param config as the operator wrote it
 * @param info what the server said
 * @param sessions over JDBC
 * @param commands that dump
 * @param withoutData globs of tables whose rows are left out
 * @param matched those of them that named a table; grows, from several threads
 * @param out where artifacts go
 * @param lockWaits what the sessions wait for
 * @param run the run
 */
record DumpContext(
        PostgresConfig config,
        ServerInfo info,
        Sessions sessions,
        DumpCommands commands,
        List<Glob> withoutData,
        Set<String> matched,
        ArtifactWriter out,
        LockWaitMonitor lockWaits,
        RunContext run) {

    /** The option that bounds the wait for locks. */
    String lockWaitTimeout() {
        return "--lock-wait-timeout=" + config.lockWaitTimeout().toMillis();
    }
}
