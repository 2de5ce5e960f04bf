package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Ownership;
import cloud.lvs.backup.provider.postgres.dump.DatabaseStatement;
import cloud.lvs.backup.provider.postgres.dump.DumpCheck;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.provider.postgres.load.StatementFilter;
import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.toolkit.ChildProcess;
import cloud.lvs.backup.toolkit.Command;
import cloud.lvs.backup.toolkit.StandardInput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Loads dumps into databases that exist: archives by {@code pg_restore}, scripts by {@code psql}. Thread-safe. */
final class DatabaseLoader {
    /** What a role or the server has set must not get into the way of loading. */
    private static final String SESSION = "-c statement_timeout=0 -c lock_timeout=0"
            + " -c idle_in_transaction_session_timeout=0 -c default_transaction_read_only=off"
            + " -c client_min_messages=warning";

    private final RestorePrograms tools;
    private final Map<String, String> environment;
    private final PostgresRestoreOptions options;
    private final StatementFilter filter;
    private final ScratchSpace scratchSpace;
    private final RunContext run;

    /**
     * @param environment how to connect and log in
     * @param filter which statements of scripts are left out
     */
    DatabaseLoader(
            RestorePrograms tools,
            Map<String, String> environment,
            PostgresRestoreOptions options,
            StatementFilter filter,
            Path scratch,
            RunContext run) {
        this.tools = tools;
        this.environment = new TreeMap<>(environment);
        this.environment.put("PGOPTIONS", SESSION);
        this.options = options;
        this.filter = filter;
        this.scratchSpace = new ScratchSpace(scratch);
        this.run = run;
    }

    /**
     * Loads one artifact.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is not what was stored, of kind {@code FAILED} if the
     *     server does not take it
     */
    void load(BackupReader backup, StoredArtifact artifact, String database) throws IOException, InterruptedException {
        try (DumpCheck.Opened dump = DumpCheck.open(backup, artifact, run)) {
            if (dump.form() == DumpCheck.Form.SCRIPT) {
                try (ScriptLoad load = script(database, artifact.item())) {
                    ScriptReader script = new ScriptReader(dump.stream(), DumpCheck.target(artifact));
                    for (Token token = script.next(); token != Token.END; token = script.next()) {
                        load.accept(token, script);
                    }
                    load.finish();
                }
            } else if (options.jobs() == 1) {
                archive(dump.stream(), database, artifact.item());
            } else {
                archiveInParallel(dump.stream(), artifact, database);
            }
        }
    }

    private void archive(InputStream archive, String database, String item) throws IOException, InterruptedException {
        Command command = new Command(tools.pgRestore(), restoreArguments(database), environment);
        try (ChildProcess child =
                        ChildProcess.start(command, ChildProcess.Input.FED, ChildProcess.Output.DISCARDED, null, run);
                StandardInput input = StandardInput.start(archive, child.input(), StandardInput.OnBrokenPipe.STOP)) {
            ChildProcess.Exit exit = child.await();
            input.finish();
            refuse(exit, item);
        }
    }

    /** Several processes need to seek in the archive. */
    private void archiveInParallel(InputStream archive, StoredArtifact artifact, String database)
            throws IOException, InterruptedException {
        try (ScratchSpace.Reservation reservation = scratchSpace.reserve(artifact.plainBytes(), artifact.item())) {
            try (OutputStream out = Files.newOutputStream(reservation.file())) {
                byte[] buffer = new byte[1 << 17];
                for (int n = archive.read(buffer); n >= 0; n = archive.read(buffer)) {
                    run.checkpoint();
                    out.write(buffer, 0, n);
                }
            }
            List<String> arguments = new ArrayList<>(restoreArguments(database));
            arguments.add("--jobs=" + options.jobs());
            arguments.add(reservation.file().toString());
            Command command = new Command(tools.pgRestore(), arguments, environment);
            try (ChildProcess child =
                    ChildProcess.start(command, ChildProcess.Input.NONE, ChildProcess.Output.DISCARDED, null, run)) {
                refuse(child.await(), artifact.item());
            }
        }
    }

    private List<String> restoreArguments(String database) {
        List<String> arguments =
                new ArrayList<>(List.of("--exit-on-error", "--no-password", "--dbname=" + Quoting.database(database)));
        if (options.ownership() == Ownership.IGNORE) {
            arguments.addAll(List.of("--no-owner", "--no-privileges"));
        }
        return arguments;
    }

    /** How much of a script takes effect when it fails. */
    enum Transactions {
        /** What came before. */
        EACH,
        /** Nothing. */
        ONE
    }

    /** Starts to load a script, piece by piece. */
    ScriptLoad script(String database, String item) throws BackupException, InterruptedException {
        return script(database, item, Transactions.EACH);
    }

    /** As above. */
    ScriptLoad script(String database, String item, Transactions transactions)
            throws BackupException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--no-psqlrc",
                "--no-password",
                "--quiet",
                "--variable=ON_ERROR_STOP=1",
                "--dbname=" + Quoting.database(database),
                "--file=-"));
        if (transactions == Transactions.ONE) {
            arguments.add("--single-transaction");
        }
        Command command = new Command(tools.psql(), arguments, environment);
        ChildProcess psql =
                ChildProcess.start(command, ChildProcess.Input.FED, ChildProcess.Output.DISCARDED, null, run);
        return new ScriptLoad(psql, filter, item);
    }

    /** Runs one statement, which may take long. */
    void execute(String database, String statement, String item) throws IOException, InterruptedException {
        List<String> arguments = List.of(
                "--no-psqlrc",
                "--no-password",
                "--quiet",
                "--dbname=" + Quoting.database(database),
                "--command=" + statement);
        Command command = new Command(tools.psql(), arguments, environment);
        try (ChildProcess child =
                ChildProcess.start(command, ChildProcess.Input.NONE, ChildProcess.Output.DISCARDED, null, run)) {
            refuse(child.await(), item);
        }
    }

    /**
     * Copies tables with all that belongs to them from one database of the server to another, in one transaction.
     *
     * @param patterns which, as {@code pg_dump} takes them
     * @param after statements for the end
     */
    void copyTables(Path pgDump, String from, List<String> patterns, List<String> after, String to, String item)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("--no-password", "--dbname=" + Quoting.database(from)));
        patterns.forEach(pattern -> arguments.add("--table=" + pattern));
        Command command = new Command(pgDump, arguments, environment);
        try (ChildProcess dump =
                        ChildProcess.start(command, ChildProcess.Input.NONE, ChildProcess.Output.STREAMED, null, run);
                ScriptLoad load = script(to, item, Transactions.ONE)) {
            ScriptReader script = new ScriptReader(dump.output(), "the copy of " + item);
            for (Token token = script.next(); token != Token.END; token = script.next()) {
                load.accept(token, script);
            }
            // psql commits when its input ends, so that must not be before all of it is known to be there.
            refuse(dump.await(), item);
            for (String statement : after) {
                load.append(statement);
            }
            load.finish();
        }
    }

    private static void refuse(ChildProcess.Exit exit, String item) throws BackupException {
        if (exit.code() != 0) {
            throw new BackupException(
                    Kind.FAILED,
                    "the restore of '" + item + "'",
                    ErrorMessages.first(exit.errors()),
                    ErrorMessages.remedy(exit.errors()));
        }
    }

    /**
     * A script on its way into one database: what is said of the database itself is left out, for its name may differ. One
     * thread.
     */
    static final class ScriptLoad implements AutoCloseable {
        private final ChildProcess psql;
        private final OutputStream in;
        private final StatementFilter filter;
        private final String item;

        private ScriptLoad(ChildProcess psql, StatementFilter filter, String item) {
            this.psql = psql;
            this.in = new BufferedOutputStream(psql.input(), 1 << 16);
            this.filter = filter;
            this.item = item;
        }

        void accept(Token token, ScriptReader script) throws IOException, InterruptedException {
            if (token == Token.META_COMMAND
                    && DatabaseStatement.connectsTo(script.text().stripTrailing())
                            .isPresent()) {
                return;
            }
            if (token == Token.STATEMENT && filter.leavesOut(script.text())) {
                return;
            }
            try {
                script.writeTo(in);
            } catch (IOException e) {
                refuse(psql.await(), item);
                throw e;
            }
        }

        /** Adds a statement of our own. */
        void append(String statement) throws IOException {
            if (!filter.leavesOut(statement)) {
                in.write((statement + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }

        /** Waits until everything is loaded. */
        void finish() throws IOException, InterruptedException {
            try {
                in.close();
            } catch (IOException e) {
                // It takes no more; its exit code tells why.
            }
            refuse(psql.await(), item);
        }

        @Override
        public void close() {
            psql.close();
        }
    }
}
