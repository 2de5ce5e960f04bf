package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.Glob;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which databases are captured, and why the others are not: every row of {@code pg_database} becomes an item.
 *
 * @param selected to be captured, in a stable order
 * @param others excluded or unreachable ones, with the reason
 * @param idleIncludes globs of {@code include} that match nothing
 * @param idleExcludes globs of {@code exclude} that match nothing
 */
public record DatabaseSelection(
        List<DatabaseRow> selected, List<Skipped> others, List<String> idleIncludes, List<String> idleExcludes) {

    /**
     * A database that is not captured.
     *
     * @param database which
     * @param state excluded or unreachable
     * @param reason why, and what to do if something can be done
     */
    record Skipped(DatabaseRow database, Item.State state, String reason) {}

    public DatabaseSelection {
        selected = List.copyOf(selected);
        others = List.copyOf(others);
        idleIncludes = List.copyOf(idleIncludes);
        idleExcludes = List.copyOf(idleExcludes);
    }

    public static DatabaseSelection of(PostgresConfig config, List<DatabaseRow> databases) {
        List<Glob> includes = config.include().stream().map(Glob::of).toList();
        List<Glob> excludes = config.exclude().stream().map(Glob::of).toList();
        List<DatabaseRow> selected = new ArrayList<>();
        List<Skipped> others = new ArrayList<>();
        for (DatabaseRow database : databases) {
            Optional<Skipped> skipped = excluded(database, includes, excludes).or(() -> unreachable(database, config));
            skipped.ifPresentOrElse(others::add, () -> selected.add(database));
        }
        return new DatabaseSelection(selected, others, idle(includes, databases), idle(excludes, databases));
    }

    private static List<String> idle(List<Glob> globs, List<DatabaseRow> databases) {
        return globs.stream()
                .filter(glob -> databases.stream().noneMatch(database -> glob.matches(database.name())))
                .map(Glob::text)
                .toList();
    }

    private static Optional<Skipped> excluded(DatabaseRow database, List<Glob> includes, List<Glob> excludes) {
        String name = database.name();
        if (name.equals("template0")) {
            return exclude(database, "is the pristine template that every cluster has");
        }
        for (Glob glob : excludes) {
            if (glob.matches(name)) {
                return exclude(database, "exclude names it: " + glob.text());
            }
        }
        if (!includes.isEmpty() && includes.stream().noneMatch(glob -> glob.matches(name))) {
            return exclude(database, "include does not name it");
        }
        return Optional.empty();
    }

    private static Optional<Skipped> unreachable(DatabaseRow database, PostgresConfig config) {
        String identifier = Quoting.identifier(database.name());
        if (database.invalid()) {
            return unreachable(
                    database,
                    "is invalid since its DROP DATABASE was interrupted; finish that (DROP DATABASE " + identifier
                            + ";), or name it in exclude");
        }
        if (!database.allowsConnections()) {
            return unreachable(
                    database,
                    "does not accept connections; ALTER DATABASE " + identifier
                            + " ALLOW_CONNECTIONS true; or name it in exclude");
        }
        if (!database.mayConnect()) {
            return unreachable(
                    database,
                    "role " + config.user() + " may not connect to it; GRANT CONNECT ON DATABASE " + identifier + " TO "
                            + Quoting.identifier(config.user()) + "; or name it in exclude");
        }
        if (!nativeCharset().newEncoder().canEncode(database.name())) {
            return unreachable(
                    database,
                    "its name cannot be passed to pg_dump in the character set of this process, " + nativeCharset()
                            + "; start Java with LC_ALL=C.UTF-8");
        }
        if (config.layout() == PostgresConfig.Layout.CLUSTER && database.hasLineBreak()) {
            return unreachable(
                    database,
                    "its name holds a line break, which pg_dumpall cannot handle; rename it, or use layout databases");
        }
        return Optional.empty();
    }

    /** What Java encodes arguments of processes in. */
    private static Charset nativeCharset() {
        String name = System.getProperty("sun.jnu.encoding", "UTF-8");
        return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
    }

    private static Optional<Skipped> exclude(DatabaseRow database, String reason) {
        return Optional.of(new Skipped(database, Item.State.EXCLUDED, reason));
    }

    private static Optional<Skipped> unreachable(DatabaseRow database, String reason) {
        return Optional.of(new Skipped(database, Item.State.UNREACHABLE, reason));
    }

    /**
     * Refuses what would not be a backup.
     *
     * @throws BackupException of kind {@code CONFIG} for an include that matches nothing, {@code EMPTY} if nothing is left
     */
    void requireSomething() throws BackupException {
        if (!idleIncludes.isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "include " + idleIncludes,
                    "matches no database",
                    "correct it, or remove it if the database is gone");
        }
        if (selected.isEmpty() && others.stream().noneMatch(other -> other.state() == Item.State.UNREACHABLE)) {
            throw new BackupException(
                    Kind.EMPTY,
                    "include and exclude",
                    "leave no database to back up",
                    "look at what they select; an empty backup protects nothing");
        }
    }

    /** Everything that exists as items. */
    public List<Item> items(PostgresConfig config) {
        List<Item> items = new ArrayList<>();
        items.add(Item.selected(ItemNames.CLUSTER, null));
        if (config.layout() == PostgresConfig.Layout.DATABASES) {
            selected.forEach(database -> items.add(
                    new Item(ItemNames.of(database), Item.State.SELECTED, "", database.sizeBytes(), shown(database))));
        }
        others.forEach(other -> items.add(new Item(
                ItemNames.of(other.database()),
                other.state(),
                other.reason(),
                other.database().sizeBytes(),
                shown(other.database()))));
        return items;
    }

    private static Map<String, String> shown(DatabaseRow database) {
        Map<String, String> shown = new TreeMap<>(database.facts());
        shown.keySet().retainAll(List.of("owner", "encoding", "tablespace"));
        return shown;
    }
}
