package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.capture.RoleSettings;
import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Manifest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sets the settings of all roles that a backup holds. */
final class RoleSettingsRestore {
    private RoleSettingsRestore() {}

    /** Sets those that the server does not have yet; gives what was left as it is or could not be set. */
    static List<String> restore(Manifest manifest, Server server) throws BackupException, SQLException {
        Optional<String> settings = manifest.items().stream()
                .filter(item -> item.item().equals(ItemNames.CLUSTER))
                .flatMap(item -> Optional.ofNullable(item.facts().get(RoleSettings.FACT)).stream())
                .findFirst();
        if (settings.isEmpty()) {
            return List.of();
        }
        try (TargetServer target = TargetServer.connect(server)) {
            return apply(target, settings.get());
        }
    }

    /**
     * Sets them on a server that has none of that name.
     *
     * @return what was left as it is or could not be set, for the operator
     */
    private static List<String> apply(TargetServer target, String settings) throws SQLException {
        List<String> there = target.column("SELECT split_part(c, '=', 1) FROM pg_catalog.pg_db_role_setting s,"
                + " pg_catalog.unnest(s.setconfig) c WHERE s.setdatabase = 0 AND s.setrole = 0");
        List<String> left = new ArrayList<>();
        for (String setting :
                target.column("SELECT * FROM pg_catalog.json_array_elements_text(?::pg_catalog.json)", settings)) {
            String name = setting.substring(0, setting.indexOf('='));
            String value = setting.substring(name.length() + 1);
            if (value.equals("***")) {
                left.add("Set again for all roles: " + name
                        + ", whose value the manifest does not show (ALTER ROLE ALL SET).");
            } else if (there.contains(name)) {
                left.add("The setting " + name + " of all roles existed and was left as it is; in the backup it is "
                        + value + ".");
            } else {
                try {
                    set(target, name, value);
                } catch (SQLException e) {
                    left.add("Set again for all roles: " + name + " = " + value + " (ALTER ROLE ALL SET); "
                            + Server.firstLine(e));
                }
            }
        }
        return left;
    }

    private static void set(TargetServer target, String name, String value) throws SQLException {
        if (!DatabaseProperties.LISTS.contains(name)) {
            target.execute("ALTER ROLE ALL SET " + Quoting.identifier(name) + " TO " + Quoting.literal(value));
            return;
        }
        // As a literal, a list would become one name; set_config takes it as it is stored.
        target.column("SELECT pg_catalog.set_config(?, ?, false)", name, value);
        target.execute("ALTER ROLE ALL SET " + Quoting.identifier(name) + " FROM CURRENT");
        target.execute("RESET " + Quoting.identifier(name));
    }
}
