package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a restore did, or would do, in sentences.
 *
 * @param timestamp when it began; names what it puts aside
 */
record RestoreSteps(
        RestorePlan plan,
        Server server,
        PostgresRestoreOptions options,
        RestoreBehavior behavior,
        ParallelRestore databases,
        String timestamp) {
    /** @param found what is there already */
    List<String> of(TargetPreflight.Found found) {
        List<String> steps = new ArrayList<>();
        String tense = behavior.mode() == Mode.DRY_RUN ? "Would restore " : "Restored ";
        plan.globals()
                .ifPresent(globals -> steps.add(tense + globals.roles().size() + " roles and "
                        + globals.tablespaces().size() + " tablespaces; "
                        + (options.roles() == PostgresRestoreOptions.Roles.KEEP
                                ? "those that exist stay as they are."
                                : "those that exist get their former attributes and passwords.")));
        for (Database database : plan.databases()) {
            if (databases.failed().containsKey(database)) {
                steps.add("Did not restore database '" + database.original() + "'; nothing of it is left.");
                continue;
            }
            String as = database.name().equals(database.original()) ? "" : " as '" + database.name() + "'";
            String existing = found.full().contains(database.name())
                    ? "; the one there is kept as '" + RenameTransaction.asideName(database.name(), "before", timestamp)
                            + "'."
                    : found.databases().containsKey(database.name()) ? "; the empty one there is replaced." : ".";
            steps.add(tense + "database '" + database.original() + "'" + as + ", "
                    + database.scan().tables() + " tables and " + rows(database) + " rows, to " + server.endpoint()
                    + seconds(database) + existing);
        }
        found.lacks().forEach(lack -> steps.add("Passed over what the server lacks: " + lack + "."));
        plan.remarks().forEach(remark -> steps.add("Of the script: " + remark + "."));
        if (!found.unknownSettings().isEmpty()) {
            steps.add((behavior.mode() == Mode.DRY_RUN ? "Would leave out" : "Left out")
                    + " the settings that the server does not know: " + String.join(", ", found.unknownSettings())
                    + ".");
        }
        plan.databases().stream()
                .flatMap(each -> databases.restored(each).stream())
                .forEach(each -> steps.addAll(each.steps()));
        steps.add((behavior.mode() == Mode.DRY_RUN ? "Would give" : "Gave")
                + " all databases their names in one transaction, after all were loaded and analyzed.");
        return steps;
    }

    private static long rows(Database database) {
        return database.scan().rows().values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    private String seconds(Database database) {
        return databases
                .took(database)
                .map(duration -> String.format(Locale.ROOT, " in %.1f s", duration.toMillis() / 1000.0))
                .orElse("");
    }
}
