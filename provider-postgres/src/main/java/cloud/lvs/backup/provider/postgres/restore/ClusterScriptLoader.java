package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.dump.ClusterScript;
import cloud.lvs.backup.provider.postgres.dump.DumpGrammar.Treatment;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.provider.postgres.restore.DatabaseLoader.ScriptLoad;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Loads databases out of a script of everything, one after the other. */
final class ClusterScriptLoader {
    private final DatabaseLoader loader;
    private final Map<String, Database> wanted = new LinkedHashMap<>();
    private final Map<Database, String> names;
    private final Clock clock;
    private final BiConsumer<Database, Duration> took;
    private final Map<Database, BackupException> failed = new LinkedHashMap<>();
    private @Nullable Portion portion;

    /** What the script says of one database, on its way. */
    private record Portion(Database database, ScriptLoad load, Instant began) {}

    /**
     * @param names the databases that are wanted, and the names they are loaded under
     * @param took told how long each took
     */
    ClusterScriptLoader(
            DatabaseLoader loader, Map<Database, String> names, Clock clock, BiConsumer<Database, Duration> took) {
        this.loader = loader;
        this.names = Map.copyOf(names);
        this.clock = clock;
        this.took = took;
        names.keySet().forEach(database -> wanted.put(database.original(), database));
    }

    /** Gives those that could not be loaded, each with the reason. */
    Map<Database, BackupException> load(ScriptReader reader) throws IOException, InterruptedException {
        ClusterScript script = new ClusterScript(reader);
        Optional<String> current = Optional.empty();
        try {
            for (Token token = script.next(); token != Token.END; token = script.next()) {
                if (!script.database().equals(current)) {
                    finish();
                    current = script.database();
                    begin(current.orElse(""));
                }
                if (script.treatment() == Treatment.RUN) {
                    pass(token, reader);
                }
            }
            finish();
            return failed;
        } finally {
            if (portion != null) {
                portion.load().close();
            }
        }
    }

    private void pass(Token token, ScriptReader reader) throws IOException, InterruptedException {
        if (portion != null) {
            try {
                portion.load().accept(token, reader);
            } catch (BackupException e) {
                fail(portion, e);
            }
        }
    }

    private void fail(Portion broken, BackupException why) throws BackupException {
        broken.load().close();
        portion = null;
        if (why.kind() == Kind.CANCELLED) {
            throw why;
        }
        failed.put(broken.database(), why);
    }

    private void begin(String name) throws IOException, InterruptedException {
        Database database = wanted.get(name);
        String loadedAs = database == null ? null : names.get(database);
        if (database != null && loadedAs != null) {
            portion = new Portion(database, loader.script(loadedAs, database.original()), clock.instant());
        }
    }

    private void finish() throws IOException, InterruptedException {
        Portion done = portion;
        if (done != null) {
            try {
                done.load().finish();
                done.load().close();
                took.accept(done.database(), Duration.between(done.began(), clock.instant()));
                portion = null;
            } catch (BackupException e) {
                fail(done, e);
            }
        }
    }
}
