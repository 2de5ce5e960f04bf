package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.dump.ContentFacts;
import cloud.lvs.backup.provider.postgres.dump.DumpFormat;
import cloud.lvs.backup.provider.postgres.dump.ItemNames;
import cloud.lvs.backup.provider.postgres.program.ProgramDiagnostics;
import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.provider.postgres.server.Server;
import cloud.lvs.backup.provider.postgres.server.TableName;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The dump of one database, in one part or several that share a snapshot. Parts may run on several threads; the first takes
 * the snapshot, the last lets it go. Once a part failed, the others do nothing.
 */
final class DatabaseDump implements AutoCloseable {
    /** What is known once the snapshot was taken. */
    private record Opened(
            ExportedSnapshot snapshot,
            Set<TableName> withoutData,
            TableGroups groups,
            Map<String, String> facts,
            long since) {}

    private final DumpContext context;
    private final DatabaseRow database;
    private final int firstOrdinal;
    private final List<DumpPart> parts;
    private final AtomicLong bytes = new AtomicLong();

    // Guarded by this.
    private @Nullable Opened opened;
    private boolean attempted;
    private int remaining;
    private @Nullable BackupException failure;
    private Map<String, String> facts = Map.of();

    /** @param firstOrdinal the ordinal of the first part; the others follow */
    DatabaseDump(DumpContext context, DatabaseRow database, int firstOrdinal) {
        this.context = context;
        this.database = database;
        this.firstOrdinal = firstOrdinal;
        this.parts = partsOf(context.config(), database);
        this.remaining = parts.size();
    }

    private static List<DumpPart> partsOf(PostgresConfig config, DatabaseRow database) {
        PostgresConfig.SplitTables split = config.splitTables();
        Long size = database.sizeBytes();
        if (split == null || size == null || size < split.above().bytes()) {
            return List.of(DumpPart.WHOLE);
        }
        // The long ones first: what begins last should be short.
        List<DumpPart> parts = new ArrayList<>();
        for (int number = 1; number <= split.parts(); number++) {
            parts.add(DumpPart.data(number));
        }
        parts.add(DumpPart.preData());
        parts.add(DumpPart.postData(split.parts()));
        return parts;
    }

    DatabaseRow database() {
        return database;
    }

    /** What there is to do, in the order to do it in. */
    List<DumpPart> parts() {
        return parts;
    }

    /** Whether it is in one piece. */
    private boolean isWhole() {
        return parts.size() == 1;
    }

    /**
     * Dumps one part.
     *
     * @throws IOException if the sink failed; a failure of the dump becomes the {@link #outcome}
     */
    void dump(DumpPart part) throws IOException, InterruptedException {
        context.run().checkpoint();
        try {
            Optional<Opened> snapshot = open();
            if (snapshot.isPresent() && failed().isEmpty()) {
                write(part, snapshot.get());
            }
        } finally {
            partEnded();
        }
    }

    private synchronized Optional<Opened> open() throws InterruptedException, BackupException {
        if (!attempted) {
            attempted = true;
            try {
                opened = take();
            } catch (SQLException e) {
                context.run().checkpoint();
                ProgramDiagnostics diagnostics = new ProgramDiagnostics(List.of(Server.firstLine(e)), List.of());
                fail(new BackupException(
                        Kind.SOURCE,
                        database.described(),
                        diagnostics.summary(),
                        diagnostics.remedy(context.config()),
                        e));
            } catch (BackupException e) {
                context.run().checkpoint();
                fail(e);
            }
        }
        return Optional.ofNullable(opened);
    }

    private Opened take() throws SQLException, BackupException {
        PostgresConfig config = context.config();
        ExportedSnapshot snapshot =
                ExportedSnapshot.take(context.sessions(), database.name(), config.lockWaitTimeout());
        boolean taken = false;
        try {
            for (MissingPrivilege missing : MissingPrivilege.in(snapshot.connection(), context.info(), config)) {
                if (missing.effect() == MissingPrivilege.Effect.FAILS) {
                    throw new BackupException(Kind.SOURCE, database.described(), missing.problem(), missing.remedy());
                }
            }
            Map<String, String> known = new TreeMap<>(database.facts());
            known.putAll(snapshot.facts());
            Set<TableName> withoutData = snapshot.tablesWithoutData(context.withoutData(), context.matched());
            if (!withoutData.isEmpty()) {
                known.put(
                        "excludedTableData",
                        String.join(
                                ", ",
                                withoutData.stream().map(TableName::quoted).toList()));
            }
            known.putAll(ContentFacts.ofSequences(snapshot.connection(), config.contents()));
            Opened result = new Opened(snapshot, withoutData, groups(snapshot, withoutData), known, System.nanoTime());
            taken = true;
            return result;
        } finally {
            if (!taken) {
                snapshot.close();
            }
        }
    }

    private TableGroups groups(ExportedSnapshot snapshot, Set<TableName> withoutData) throws SQLException {
        if (isWhole()) {
            return new TableGroups(List.of(), 0);
        }
        Map<TableName, Long> sizes = snapshot.tableSizes();
        snapshot.lock(sizes.keySet());
        sizes.keySet().removeAll(withoutData);
        return TableGroups.of(sizes, snapshot.largeObjectBytes(), parts.size() - 2);
    }

    private void write(DumpPart part, Opened known) throws IOException, InterruptedException {
        if (part.isGroup() && part.place() - 2 >= known.groups().others().size()) {
            // Fewer tables than groups.
            return;
        }
        PostgresConfig.Format format = format();
        Map<String, String> partFacts = new TreeMap<>(part.facts(format));
        if (part.section().equals("data")) {
            int tables = part.isGroup()
                    ? known.groups().others().get(part.place() - 2).size()
                    : known.groups().inFirst();
            partFacts.put("tables", Integer.toString(tables));
            partFacts.put("largeObjects", Boolean.toString(!part.isGroup()));
        }
        DumpBody body = new DumpBody(
                context.commands().of(Programs.PG_DUMP, arguments(part, format, known)),
                format == PostgresConfig.Format.CUSTOM ? DumpFormat.ARCHIVE : DumpFormat.DATABASE_SCRIPT,
                database.described(),
                context.config(),
                timeLeft(known),
                context.run(),
                partFacts,
                this::progress);
        try {
            context.out().write(artifact(part, format), body);
        } catch (IOException e) {
            BackupException own = body.failure().orElse(null);
            if (own == null) {
                throw e;
            }
            fail(own);
        }
    }

    /** A script would name the database in a {@code \connect}, which takes no line break; an archive does not. */
    private PostgresConfig.Format format() {
        return database.hasLineBreak()
                ? PostgresConfig.Format.CUSTOM
                : context.config().format();
    }

    private @Nullable Duration timeLeft(Opened known) {
        Duration timeout = context.config().timeout();
        if (timeout == null) {
            return null;
        }
        Duration left = timeout.minusNanos(System.nanoTime() - known.since());
        return left.isNegative() ? Duration.ZERO : left;
    }

    private List<String> arguments(DumpPart part, PostgresConfig.Format format, Opened known) {
        List<String> arguments = new ArrayList<>();
        if (format == PostgresConfig.Format.CUSTOM) {
            // zlib inside pg_dump would take most of the time; the engine compresses.
            arguments.addAll(List.of("--format=custom", "--compress=0"));
        } else {
            arguments.add("--format=plain");
        }
        arguments.add("--create");
        arguments.add(context.lockWaitTimeout());
        arguments.add("--snapshot=" + known.snapshot().id());
        arguments.addAll(part.sectionArguments());
        if (part.isGroup()) {
            arguments.add("--strict-names");
            known.groups().others().get(part.place() - 2).forEach(table -> arguments.add("--table=" + table.pattern()));
        } else {
            Set<TableName> without = new LinkedHashSet<>(known.withoutData());
            if (part.section().equals("data")) {
                without.addAll(known.groups().named());
            }
            without.forEach(table -> arguments.add("--exclude-table-data=" + table.pattern()));
        }
        arguments.add("--dbname=" + Quoting.database(database.name()));
        return arguments;
    }

    private Artifact artifact(DumpPart part, PostgresConfig.Format format) {
        return Artifact.of(ItemNames.of(database), part.role())
                .withStem("pg-" + ItemNames.stemOf(database.name()) + part.stemSuffix())
                .withExtension(format == PostgresConfig.Format.CUSTOM ? ".dump" : ".sql")
                .withOrdinal(firstOrdinal + part.place())
                .withRestoreTail(restoreTail(part, format));
    }

    /** What takes the plain bytes; {@code postgres} and {@code template1} exist in every cluster. */
    private String restoreTail(DumpPart part, PostgresConfig.Format format) {
        boolean exists = database.name().equals("postgres") || database.name().equals("template1");
        if (format == PostgresConfig.Format.PLAIN) {
            return exists ? "| psql -X -d postgres" : "| psql -X -v ON_ERROR_STOP=1 -d postgres";
        }
        boolean creates = part.section().equals("all") || part.section().equals("pre-data");
        return creates && !exists
                ? "| pg_restore --create -d postgres"
                : "| pg_restore -d " + Quoting.shell(Quoting.database(database.name()));
    }

    private void progress(long more) {
        Long size = database.sizeBytes();
        context.run().progress(ItemNames.of(database), bytes.addAndGet(more), size == null ? 0 : size);
    }

    private void partEnded() throws InterruptedException, BackupException {
        Opened known;
        synchronized (this) {
            if (--remaining > 0) {
                return;
            }
            known = opened;
        }
        if (known == null) {
            return;
        }
        try {
            if (failed().isEmpty()) {
                Map<String, String> all = new TreeMap<>(known.facts());
                all.putAll(contents(known));
                synchronized (this) {
                    facts = all;
                }
            }
        } finally {
            known.snapshot().close();
        }
    }

    /** What the tables hold in the snapshot. The dump is whole without, so a failure here costs this only. */
    private Map<String, String> contents(Opened known) throws InterruptedException, BackupException {
        try {
            return ContentFacts.ofTables(
                    known.snapshot().connection(), context.config().contents(), known.withoutData());
        } catch (SQLException e) {
            context.run().checkpoint();
            context.run()
                    .warn(database.described() + ": its "
                            + context.config().contents().name().toLowerCase(Locale.ROOT) + " could not be read: "
                            + Server.firstLine(e) + "; see the server's log");
            return Map.of();
        }
    }

    private synchronized void fail(BackupException why) {
        if (failure == null) {
            String waited = context.lockWaits().told(database.name());
            failure = new BackupException(why.kind(), why.target(), why.problem() + waited, why.remedy(), why);
        }
    }

    /** How it failed, if it did. */
    synchronized Optional<ItemResult> failed() {
        return Optional.ofNullable(failure).map(why -> ItemResult.failed(ItemNames.of(database), why));
    }

    /** What became of it, after all parts have ended. */
    synchronized ItemResult outcome() {
        return failed().orElseGet(() -> ItemResult.done(ItemNames.of(database), facts));
    }

    /** Lets the snapshot go, however far the parts came. */
    @Override
    public synchronized void close() {
        if (opened != null) {
            opened.snapshot().close();
        }
    }
}
