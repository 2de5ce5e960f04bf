package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.provider.postgres.dump.DumpGrammar.Treatment;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.provider.postgres.program.ErrorMessages;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.toolkit.ChildProcess;
import cloud.lvs.backup.toolkit.Command;
import cloud.lvs.backup.toolkit.StandardInput;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a stored dump to its last byte and finds out whether it is whole. An archive is turned into a script by
 * {@code pg_restore} on the way: its table of contents alone says nothing about the data behind it. Nothing is written
 * anywhere.
 */
public final class DumpCheck {
    private static final byte[] ARCHIVE = "PGDMP".getBytes(StandardCharsets.US_ASCII);
    private static final String CLUSTER_COMPLETE = "-- PostgreSQL database cluster dump complete";

    private final BackupReader backup;
    private final RestorePrograms tools;
    private final RunContext run;

    public DumpCheck(BackupReader backup, RestorePrograms tools, RunContext run) {
        this.backup = backup;
        this.tools = tools;
        this.run = run;
    }

    /** What kind of dump a stream holds. */
    public enum Form {
        ARCHIVE,
        SCRIPT
    }

    /** The plain bytes of a dump, whose form was seen by its first bytes. */
    public record Opened(InputStream stream, Form form) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            stream.close();
        }
    }

    /**
     * A script of everything, taken apart.
     *
     * @param globals statements about roles and tablespaces, in order
     * @param databases what it says of each database, by name
     * @param dropping the lines of statements that would remove what is on the target: those of {@code --clean}
     */
    public record ClusterScan(List<String> globals, Map<String, DumpScan> databases, List<Long> dropping) {
        /** What is said of those statements; empty if there are none. */
        public Optional<String> leftOut() {
            return dropping.isEmpty()
                    ? Optional.empty()
                    : Optional.of("it was made with --clean: its " + dropping.size()
                            + " statements that drop databases and roles (the first in line " + dropping.get(0)
                            + ") are left out");
        }
    }

    public static Opened open(BackupReader backup, StoredArtifact artifact, RunContext run)
            throws IOException, InterruptedException {
        InputStream stream = new BufferedInputStream(counted(backup.open(artifact), artifact, run), 1 << 16);
        try {
            stream.mark(ARCHIVE.length);
            byte[] head = stream.readNBytes(ARCHIVE.length);
            stream.reset();
            return new Opened(stream, Arrays.equals(head, ARCHIVE) ? Form.ARCHIVE : Form.SCRIPT);
        } catch (IOException e) {
            stream.close();
            throw e;
        }
    }

    /**
     * Checks a part of the dump of a database.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is not whole
     */
    public DumpScan database(StoredArtifact artifact) throws IOException, InterruptedException {
        try (Opened dump = open(backup, artifact, run)) {
            DumpScan scan = new DumpScan();
            if (dump.form() == Form.ARCHIVE) {
                asScript(dump.stream(), artifact, script -> read(script, scan));
            } else {
                read(new ScriptReader(dump.stream(), target(artifact)), scan);
            }
            refuse(artifact, scan.flaw().orElse(""));
            return scan;
        }
    }

    private static void read(ScriptReader script, DumpScan scan) throws IOException {
        for (Token token = script.next(); token != Token.END; token = script.next()) {
            scan.accept(token, script);
        }
    }

    /** What reads a script. */
    public interface Reading {
        void read(ScriptReader script) throws IOException, InterruptedException;
    }

    /** Reads an archive as the script that {@code pg_restore} makes of it. */
    public void asScript(InputStream archive, StoredArtifact artifact, Reading reading)
            throws IOException, InterruptedException {
        // A name with a line break cannot be written into a script.
        boolean withDatabase =
                artifact.item().indexOf('\n') < 0 && artifact.item().indexOf('\r') < 0;
        List<String> arguments = new ArrayList<>(List.of("-f", "-"));
        if (withDatabase) {
            arguments.add("--create");
        }
        Command command = new Command(tools.pgRestore(), arguments, Map.of());
        try (ChildProcess child =
                        ChildProcess.start(command, ChildProcess.Input.FED, ChildProcess.Output.STREAMED, null, run);
                StandardInput input = StandardInput.start(archive, child.input(), StandardInput.OnBrokenPipe.DRAIN)) {
            BackupException flaw = null;
            try {
                reading.read(new ScriptReader(child.output(), target(artifact)));
            } catch (BackupException e) {
                flaw = e;
                child.output().transferTo(java.io.OutputStream.nullOutputStream());
            }
            ChildProcess.Exit exit = child.await();
            input.finish();
            refuse(artifact, exit.code() == 0 ? "" : "is no whole archive: " + ErrorMessages.first(exit.errors()));
            if (flaw != null) {
                throw flaw;
            }
        }
    }

    /**
     * Reads the script of roles and tablespaces.
     *
     * @return its statements, in order
     * @throws BackupException of kind {@code VERIFICATION} if it is not whole
     */
    public List<String> globals(StoredArtifact artifact) throws IOException, InterruptedException {
        ClusterScan scan = cluster(artifact);
        refuse(artifact, scan.databases().isEmpty() ? "" : "holds databases, not only roles and tablespaces");
        return scan.globals();
    }

    /**
     * Checks a script of everything.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is not whole
     */
    ClusterScan cluster(StoredArtifact artifact) throws IOException, InterruptedException {
        try (Opened dump = open(backup, artifact, run)) {
            ClusterScript script = new ClusterScript(new ScriptReader(dump.stream(), target(artifact)));
            List<String> globals = new ArrayList<>();
            Map<String, DumpScan> databases = new LinkedHashMap<>();
            List<Long> dropping = new ArrayList<>();
            Set<String> there = new HashSet<>();
            boolean complete = false;
            for (Token token = script.next(); token != Token.END; token = script.next()) {
                String current = script.database().orElse("");
                there.add(current);
                Optional<DatabaseStatement> about = token == Token.STATEMENT
                        ? DatabaseStatement.of(script.reader().beginning())
                        : Optional.empty();
                if (script.treatment() == Treatment.KEEP_FROM_DROPPING) {
                    dropping.add(script.reader().line());
                } else if (about.isPresent() && !about.get().database().equals(current)) {
                    String name = about.get().database();
                    if (about.get().creates()) {
                        there.add(name);
                    }
                    databases
                            .computeIfAbsent(name, each -> new DumpScan())
                            .statement(script.reader().text());
                } else if (script.database().isPresent()) {
                    databases.computeIfAbsent(current, each -> new DumpScan()).accept(token, script.reader());
                } else if (token == Token.STATEMENT && script.treatment() == Treatment.RUN) {
                    globals.add(script.reader().text());
                }
                complete = token == Token.COMMENT
                        ? complete || script.reader().text().stripTrailing().equals(CLUSTER_COMPLETE)
                        : complete && token == Token.BLANK;
            }
            // Versions before 11 say something of databases that they leave out.
            databases.keySet().retainAll(there);
            refuse(artifact, complete ? "" : "does not end as a dump of a cluster does ('" + CLUSTER_COMPLETE + "')");
            for (Map.Entry<String, DumpScan> database : databases.entrySet()) {
                String flaw = database.getValue().flaw().orElse("");
                refuse(artifact, flaw.isEmpty() ? "" : "is not whole: database '" + database.getKey() + "' " + flaw);
            }
            return new ClusterScan(globals, databases, dropping);
        }
    }

    /**
     * Checks a script of everything that has to hold databases.
     *
     * @throws BackupException of kind {@code VERIFICATION} if it is not whole, or names no database
     */
    public ClusterScan everything(StoredArtifact artifact) throws IOException, InterruptedException {
        ClusterScan scan = cluster(artifact);
        refuse(artifact, scan.databases().isEmpty() ? "names no database: it holds roles and tablespaces alone" : "");
        return scan;
    }

    private static void refuse(StoredArtifact artifact, String flaw) throws BackupException {
        if (!flaw.isEmpty()) {
            throw new BackupException(
                    Kind.VERIFICATION,
                    target(artifact),
                    flaw,
                    "use another backup, and find out why this dump broke off; nothing was touched");
        }
    }

    public static String target(StoredArtifact artifact) {
        return "object " + artifact.key();
    }

    /** Tells progress and stops when the run does. */
    private static InputStream counted(InputStream in, StoredArtifact artifact, RunContext run) {
        return new FilterInputStream(in) {
            private long done;

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int read = in.read(buffer, offset, length);
                if (read > 0) {
                    done += read;
                    run.progress(artifact.item(), done, artifact.plainBytes());
                }
                return read;
            }
        };
    }
}
