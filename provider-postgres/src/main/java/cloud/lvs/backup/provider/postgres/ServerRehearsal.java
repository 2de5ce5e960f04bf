package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.provider.postgres.RestorePlan.Database;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A rehearsal on a server that somebody provides: it has to be empty, and is afterwards as it was. Only what the backup brings
 * is taken away again.
 */
final class ServerRehearsal {
    private static final Set<String> OWN = Set.of("postgres", "template0", "template1");

    private record Before(Set<String> databases, Set<String> roles, Set<String> tablespaces) {}

    private final Server server;
    private final RestorePlan plan;
    private final Mode mode;
    private final Restoring restoring;

    /** What restores to the server. */
    interface Restoring {
        RestoreReport restore() throws IOException, InterruptedException;
    }

    ServerRehearsal(Server server, RestorePlan plan, Mode mode, Restoring restoring) {
        this.server = server;
        this.plan = plan;
        this.mode = mode;
        this.restoring = restoring;
    }

    RestoreReport execute() throws IOException, InterruptedException {
        Before before;
        try (TargetServer target = connect()) {
            requireEmpty(target);
            before = new Before(target.databases().keySet(), target.roles(), target.tablespaces());
        } catch (SQLException e) {
            throw TargetServer.failed(server.endpoint().toString(), e);
        }
        if (mode == Mode.DRY_RUN) {
            return restoring.restore();
        }
        try {
            RestoreReport report = restoring.restore();
            return new RestoreReport(report.items(), report.steps(), report.checks(), List.of());
        } finally {
            clean(before);
        }
    }

    private TargetServer connect() throws BackupException {
        return TargetServer.connect(server, server.endpoint().maintenanceDatabase());
    }

    private void requireEmpty(TargetServer target) throws SQLException, BackupException {
        for (DatabaseRow database : target.databases().values()) {
            boolean empty = OWN.contains(database.name())
                    && (database.name().equals("template0") || !target.holdsSomething(database));
            if (!empty) {
                throw new BackupException(
                        Kind.CONFIG,
                        server.endpoint().toString(),
                        "is not empty: it has " + database.described(),
                        "name a server that serves nothing else; nothing was touched");
            }
        }
    }

    /** Also on an interrupted thread. */
    private void clean(Before before) throws BackupException {
        boolean interrupted = Thread.interrupted();
        try {
            Set<String> databases = new TreeSet<>();
            plan.databases().stream().map(Database::name).forEach(databases::add);
            databases.removeAll(before.databases());
            databases.addAll(bringBackWhatWasPutAside());
            try (TargetServer target = connect()) {
                target.dropQuietly(databases);
                if (plan.globals().isPresent()) {
                    clean(target, plan.globals().get(), before);
                }
            }
        } catch (SQLException e) {
            throw TargetServer.failed("the cleaning of " + server.endpoint(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The names that what was restored has now. */
    private Set<String> bringBackWhatWasPutAside() throws BackupException, SQLException {
        Map<String, String> aside = new TreeMap<>();
        Optional<String> timestamp;
        try (TargetServer target = connect()) {
            timestamp = RestoreUndo.lastRestore(target, aside);
        }
        if (timestamp.isEmpty()) {
            return Set.of();
        }
        new RestoreUndo(server, Mode.EXECUTE).execute();
        Set<String> undone = new TreeSet<>();
        aside.keySet().forEach(name -> undone.add(Publication.asideName(name, "undone", timestamp.get())));
        return undone;
    }

    private static void clean(TargetServer target, Globals globals, Before before) throws SQLException {
        for (Globals.Tablespace tablespace : globals.tablespaces()) {
            if (!before.tablespaces().contains(tablespace.name())
                    && target.tablespaces().contains(tablespace.name())) {
                target.execute("DROP TABLESPACE " + Sql.identifier(tablespace.name()));
            }
        }
        Set<String> roles = globals.roles();
        roles.removeAll(before.roles());
        roles.retainAll(target.roles());
        for (String role : roles) {
            // What it was granted on parameters would keep it.
            target.execute("DROP OWNED BY " + Sql.identifier(role));
            target.execute("DROP ROLE " + Sql.identifier(role));
        }
    }
}
