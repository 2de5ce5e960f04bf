package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rehearsal on a server that somebody provides: it has to be empty, and is afterwards as it was. Only what the backup brings
 * is taken away again.
 */
final class ServerRehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(ServerRehearsal.class);
    private static final Set<String> OWN = Set.of("postgres", "template0", "template1");

    private record Before(Set<String> databases, Set<String> roles, Set<String> tablespaces) {}

    private final Server server;
    private final RestorePlan plan;
    private final Mode mode;
    private final Restoring restoring;
    private final RunContext run;

    /** What restores to the server. */
    interface Restoring {
        RestoreReport restore() throws IOException, InterruptedException;
    }

    ServerRehearsal(Server server, RestorePlan plan, Mode mode, Restoring restoring, RunContext run) {
        this.server = server;
        this.plan = plan;
        this.mode = mode;
        this.restoring = restoring;
        this.run = run;
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
        Optional<RestoreReport> done = Optional.empty();
        List<String> left;
        try {
            done = Optional.of(restoring.restore());
        } finally {
            left = clean(before);
            if (done.isEmpty() && !left.isEmpty()) {
                run.warn("the rehearsal left on " + server.endpoint() + ": " + String.join(", ", left));
            }
        }
        RestoreReport report = done.get();
        List<Check> checks = new ArrayList<>(report.checks());
        if (!left.isEmpty()) {
            checks.add(Check.failed(
                    "clean-up",
                    "left on " + server.endpoint() + ": " + String.join(", ", left)
                            + "; remove that by hand, for the next rehearsal wants an empty server"));
        }
        return new RestoreReport(report.items(), report.steps(), checks, List.of(), report.omissions());
    }

    private TargetServer connect() throws BackupException {
        return TargetServer.connect(server, server.endpoint().maintenanceDatabase());
    }

    private void requireEmpty(TargetServer target) throws SQLException, BackupException {
        for (DatabaseRow database : target.databases().values()) {
            List<String> contents = database.name().equals("template0") ? List.of() : target.contents(database);
            if (!OWN.contains(database.name()) || !contents.isEmpty()) {
                throw new BackupException(
                        Kind.CONFIG,
                        server.endpoint().toString(),
                        "is not empty: it has " + database.described()
                                + (contents.isEmpty() ? "" : " with " + String.join(", ", contents)),
                        "name a server that serves nothing else; nothing was touched");
            }
        }
    }

    /**
     * Makes the server what it was; also on an interrupted thread.
     *
     * @return what is left nevertheless
     */
    private List<String> clean(Before before) throws BackupException {
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
                return left(target, before);
            }
        } catch (SQLException e) {
            throw TargetServer.failed("the cleaning of " + server.endpoint(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static List<String> left(TargetServer target, Before before) throws SQLException {
        List<String> left = new ArrayList<>();
        add(left, "database ", target.databases().keySet(), before.databases());
        add(left, "role ", target.roles(), before.roles());
        add(left, "tablespace ", target.tablespaces(), before.tablespaces());
        return left;
    }

    private static void add(List<String> left, String kind, Set<String> now, Set<String> before) {
        now.stream().filter(each -> !before.contains(each)).forEach(each -> left.add(kind + Quoting.identifier(each)));
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
        aside.keySet().forEach(name -> undone.add(RenameTransaction.asideName(name, "undone", timestamp.get())));
        return undone;
    }

    private static void clean(TargetServer target, Globals globals, Before before) throws SQLException {
        for (Globals.Tablespace tablespace : globals.tablespaces()) {
            if (!before.tablespaces().contains(tablespace.name())
                    && target.tablespaces().contains(tablespace.name())) {
                try {
                    target.execute("DROP TABLESPACE " + Quoting.identifier(tablespace.name()));
                } catch (SQLException e) {
                    LOG.warn("Tablespace {} could not be removed: {}", tablespace.name(), Server.firstLine(e));
                }
            }
        }
        Set<String> roles = globals.roles();
        roles.removeAll(before.roles());
        roles.retainAll(target.roles());
        for (String role : roles) {
            try {
                // What it was granted on parameters would keep it.
                target.execute("DROP OWNED BY " + Quoting.identifier(role));
                target.execute("DROP ROLE " + Quoting.identifier(role));
            } catch (SQLException e) {
                LOG.warn(
                        "Role {} on {} could not be removed: {}",
                        role,
                        target.server().endpoint(),
                        Server.firstLine(e));
            }
        }
    }
}
