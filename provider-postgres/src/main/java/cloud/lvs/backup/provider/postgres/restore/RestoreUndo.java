package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives the databases that the last restore put aside their names back; what the restore had brought is put aside in turn.
 * Roles and databases that were new stay.
 */
final class RestoreUndo {
    private final Server server;
    private final Mode mode;

    RestoreUndo(Server server, Mode mode) {
        this.server = server;
        this.mode = mode;
    }

    RestoreReport execute() throws BackupException {
        Optional<String> timestamp;
        Map<String, String> aside = new LinkedHashMap<>();
        Set<String> existing;
        try (TargetServer target =
                TargetServer.connect(server, server.endpoint().maintenanceDatabase())) {
            existing = target.databases().keySet();
            timestamp = lastRestore(target, aside);
        } catch (SQLException e) {
            throw TargetServer.failed(server.endpoint().toString(), e);
        }
        if (timestamp.isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG,
                    server.endpoint().toString(),
                    "holds no database that a restore put aside",
                    "nothing can be taken back; restore an older backup instead");
        }
        List<String> steps = new ArrayList<>();
        List<String> nextSteps = new ArrayList<>();
        RenameTransaction renames = new RenameTransaction();
        aside.forEach((name, kept) -> {
            if (existing.contains(name)) {
                String undone = RenameTransaction.asideName(name, "undone", timestamp.get());
                renames.rename(name, undone);
                steps.add((mode == Mode.DRY_RUN ? "Rename" : "Renamed") + " database '" + name + "' to '" + undone
                        + "'.");
                nextSteps.add("What the restore had brought is kept as database '" + undone
                        + "': drop it when you need it no more.");
            }
            renames.bringBack(kept, name);
            steps.add((mode == Mode.DRY_RUN ? "Rename" : "Renamed") + " database '" + kept + "' to '" + name + "'.");
        });
        nextSteps.add("Roles, and databases that did not exist before the restore, were left as they are.");
        if (mode == Mode.EXECUTE) {
            renames.commit(server, ScratchDatabases.name(server, 0), RenameTransaction.OpenSessions.ENDED, () -> {});
        }
        List<ItemResult> items = aside.keySet().stream()
                .map(name -> ItemResult.done(ItemNames.ofDatabase(name), Map.of()))
                .toList();
        return new RestoreReport(items, steps, List.of(), nextSteps);
    }

    /** Finds what the last restore put aside, under the names it had. */
    static Optional<String> lastRestore(TargetServer target, Map<String, String> aside) throws SQLException {
        String last = "";
        for (String noted : target.column(
                "SELECT substr(c, length(?) + 2) || chr(1) || d.datname"
                        + " FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase,"
                        + " unnest(s.setconfig) c WHERE s.setrole = 0 AND c LIKE '"
                        + RenameTransaction.NOTE.replace("_", "\\_")
                        + "=%' ORDER BY 1",
                RenameTransaction.NOTE)) {
            int name = noted.indexOf(' ');
            int kept = noted.indexOf('\u0001');
            String timestamp = noted.substring(0, name);
            if (!timestamp.equals(last)) {
                last = timestamp;
                aside.clear();
            }
            aside.put(noted.substring(name + 1, kept), noted.substring(kept + 1));
        }
        return last.isEmpty() ? Optional.empty() : Optional.of(last);
    }
}
