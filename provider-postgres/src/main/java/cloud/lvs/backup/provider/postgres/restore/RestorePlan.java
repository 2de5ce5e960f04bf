package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.dump.DumpCheck;
import cloud.lvs.backup.provider.postgres.dump.DumpCheck.ClusterScan;
import cloud.lvs.backup.provider.postgres.dump.DumpScan;
import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.dump.StoredCluster;
import cloud.lvs.backup.provider.postgres.dump.StoredCluster.StoredDatabase;
import cloud.lvs.backup.provider.postgres.program.ParallelTasks;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.toolkit.ItemSelection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What of a backup is restored, after every byte of it was read and found whole.
 *
 * @param globals roles and tablespaces; empty if they are not wanted
 * @param script the script of everything that the databases come from, or null
 * @param databases in the order to restore them in
 * @param items the ids that are restored
 * @param remarks what of the dumps is left out, as the rest of a sentence
 */
record RestorePlan(
        Optional<Globals> globals,
        @Nullable StoredArtifact script,
        List<Database> databases,
        List<String> items,
        List<String> remarks) {
    /**
     * One database to restore.
     *
     * @param item its id
     * @param original its name in the backup
     * @param name the name it gets
     * @param parts its artifacts; empty if it comes out of a script of everything
     * @param scan what its dump says of it
     * @param noted what the manifest notes of it
     */
    record Database(
            String item,
            String original,
            String name,
            List<StoredArtifact> parts,
            DumpScan scan,
            Map<String, String> noted) {
        /** How large its dump is, or 0 if it comes out of a script of everything. */
        long plainBytes() {
            return parts.stream().mapToLong(StoredArtifact::plainBytes).sum();
        }
    }

    RestorePlan {
        databases = List.copyOf(databases);
        items = List.copyOf(items);
        remarks = List.copyOf(remarks);
    }

    /**
     * Reads what is needed to its end.
     *
     * @throws BackupException of kind {@code VERIFICATION} if a dump is not whole, of kind {@code CONFIG} if the backup does
     *     not hold what was asked for
     */
    static RestorePlan of(
            BackupReader backup,
            RestoreRequest request,
            PostgresRestoreOptions options,
            RestorePrograms tools,
            RunContext run)
            throws IOException, InterruptedException {
        StoredCluster stored = StoredCluster.of(backup.manifest());
        DumpCheck check = new DumpCheck(backup, tools, run);
        RestorePlan plan = stored.script() == null
                ? ofDatabases(stored, request, options, check, run)
                : ofScript(stored, stored.script(), request, check);
        return options.as() == null ? plan : plan.renamed(options.as());
    }

    private static RestorePlan ofDatabases(
            StoredCluster stored,
            RestoreRequest request,
            PostgresRestoreOptions options,
            DumpCheck check,
            RunContext run)
            throws IOException, InterruptedException {
        Set<String> wanted = new HashSet<>(request.items());
        List<String> known = new ArrayList<>();
        if (stored.globals() != null) {
            known.add(ItemNames.CLUSTER);
        }
        stored.databases().forEach(database -> known.add(database.item()));
        ItemSelection.requirePresent(wanted, known);

        StoredArtifact globals = stored.globals();
        Globals roles = null;
        List<String> items = new ArrayList<>();
        if (globals != null && isWanted(ItemNames.CLUSTER, wanted)) {
            roles = new Globals(check.globals(globals));
            items.add(ItemNames.CLUSTER);
        }
        List<StoredDatabase> chosen = stored.databases().stream()
                .filter(database -> isWanted(database.item(), wanted))
                .toList();
        Map<ObjectKey, DumpScan> scans = scan(chosen, options, check, run);
        List<Database> databases = new ArrayList<>();
        for (StoredDatabase database : chosen) {
            DumpScan scan = new DumpScan();
            database.parts().forEach(part -> scan.add(Objects.requireNonNull(scans.get(part.key()))));
            databases.add(new Database(
                    database.item(),
                    database.name(),
                    database.name(),
                    database.parts(),
                    scan,
                    stored.noted().getOrDefault(database.item(), Map.of())));
            items.add(database.item());
        }
        return new RestorePlan(Optional.ofNullable(roles), null, databases, items, List.of());
    }

    private static Map<ObjectKey, DumpScan> scan(
            List<StoredDatabase> databases, PostgresRestoreOptions options, DumpCheck check, RunContext run)
            throws IOException, InterruptedException {
        Map<ObjectKey, DumpScan> scans = new ConcurrentHashMap<>();
        List<ParallelTasks.Task> works = databases.stream()
                .flatMap(database -> database.parts().stream())
                .sorted(Comparator.comparingLong(StoredArtifact::plainBytes).reversed())
                .<ParallelTasks.Task>map(part -> () -> scans.put(part.key(), check.database(part)))
                .toList();
        new ParallelTasks("check", options.databasesAtOnce(), run, () -> {}).execute(works);
        return scans;
    }

    private static RestorePlan ofScript(
            StoredCluster stored, StoredArtifact script, RestoreRequest request, DumpCheck check)
            throws IOException, InterruptedException {
        ClusterScan scan = check.everything(script);
        Map<String, Database> all = new LinkedHashMap<>();
        scan.databases().forEach((name, database) -> {
            String item = ItemNames.ofDatabase(name);
            all.put(item, new Database(item, name, name, List.of(), database, Map.of()));
        });
        Set<String> wanted = new HashSet<>(request.items());
        List<String> known = new ArrayList<>(all.keySet());
        known.add(0, ItemNames.CLUSTER);
        ItemSelection.requirePresent(wanted, known);
        boolean everything = isWanted(ItemNames.CLUSTER, wanted);
        List<Database> databases = all.values().stream()
                .filter(database -> everything || wanted.contains(database.item()))
                .toList();
        // The manifest knows one item, whatever is in the script.
        List<String> items = everything
                ? List.of(ItemNames.CLUSTER)
                : databases.stream().map(Database::item).toList();
        return new RestorePlan(
                everything ? Optional.of(new Globals(scan.globals())) : Optional.empty(),
                script,
                databases,
                items,
                scan.leftOut().stream().toList());
    }

    private static boolean isWanted(String item, Set<String> wanted) {
        return wanted.isEmpty() || wanted.contains(item);
    }

    /** The settings that the dumps set. */
    Set<String> settings() {
        Set<String> settings = new TreeSet<>();
        globals.ifPresent(each -> settings.addAll(each.settings()));
        databases.forEach(database -> settings.addAll(database.scan().settings()));
        return settings;
    }

    private RestorePlan renamed(String as) throws BackupException {
        if (databases.size() != 1) {
            throw new BackupException(
                    Kind.CONFIG,
                    "the option as=" + as,
                    "names one database, but " + databases.size() + " are to be restored",
                    "choose one with --item");
        }
        Database one = databases.get(0);
        return new RestorePlan(
                globals,
                script,
                List.of(new Database(one.item(), one.original(), as, one.parts(), one.scan(), one.noted())),
                items,
                remarks);
    }
}
