package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.provider.postgres.PostgresConfig.SslMode;
import cloud.lvs.backup.provider.postgres.server.Endpoint;
import cloud.lvs.backup.provider.postgres.server.PreloadedLibraries;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ChildProcess;
import cloud.lvs.backup.toolkit.Command;
import cloud.lvs.backup.toolkit.ScratchDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own, made for a rehearsal: reachable through a socket that its user and root alone can come to,
 * never over the network, fast rather than durable. Closing it stops the server and removes everything, also on an
 * interrupted thread.
 */
public final class ScratchCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ScratchCluster.class);

    private static final String SUPERUSER = "postgres";
    private static final int PORT = 5432;
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
    /** What the path of a Unix socket may have, less its own name. */
    private static final int LONGEST_SOCKET_DIRECTORY = 90;

    private static final int NAME_OF_A_DIRECTORY = 30;

    private static final Pattern NO_ENTRY = Pattern.compile("could not look up effective user ID (\\d+)");

    private static final List<String> SETTINGS = List.of(
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "autovacuum=off",
            "max_wal_size=4GB",
            "shared_buffers=128MB",
            "maintenance_work_mem=128MB",
            "max_locks_per_transaction=256",
            "jit=off",
            // Its files are removed with the rest, even after it was killed.
            "dynamic_shared_memory_type=mmap",
            "listen_addresses=",
            "logging_collector=off");

    private final Path directory;
    private final Installation installation;
    private final ServerAccount user;
    private final PreloadedLibraries libraries;
    private final RunContext run;
    private @Nullable Path socketDirectory;
    private @Nullable ChildProcess server;

    private ScratchCluster(
            Path directory,
            Installation installation,
            ServerAccount user,
            PreloadedLibraries libraries,
            RunContext run) {
        this.directory = directory;
        this.installation = installation;
        this.user = user;
        this.libraries = libraries;
        this.run = run;
    }

    /**
     * Makes a cluster and starts its server.
     *
     * @param below where it is to keep its data
     * @param scratch the directory for temporary files, where to if its user cannot come there
     * @param temporary where to else
     * @param libraries what it loads when it starts
     * @throws BackupException of kind {@code CONFIG} if the programs, the libraries or the place for it are missing
     */
    public static ScratchCluster start(
            Path below,
            Path scratch,
            Path temporary,
            Installation installation,
            PreloadedLibraries libraries,
            RunContext run)
            throws IOException, InterruptedException {
        ServerAccount user = ServerAccount.choose();
        ScratchCluster cluster =
                new ScratchCluster(user.newDirectory(below, scratch, temporary), installation, user, libraries, run);
        try {
            cluster.initialize();
            cluster.start(scratch, temporary);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void initialize() throws IOException, InterruptedException {
        Command initdb = user.command(
                installation.program(Programs.INITDB),
                List.of(
                        "--pgdata=" + data(),
                        "--username=" + SUPERUSER,
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync"),
                Map.of());
        try (ChildProcess child = ChildProcess.start(
                initdb, ChildProcess.Input.NONE, ChildProcess.Output.DISCARDED, START_TIMEOUT, run)) {
            ChildProcess.Exit exit = child.await();
            if (exit.code() != 0) {
                throw failed("initdb", exit.errors());
            }
        }
    }

    private void start(Path scratch, Path temporary) throws IOException, InterruptedException {
        Path sockets = directory.toString().length() <= LONGEST_SOCKET_DIRECTORY
                ? directory
                : user.newDirectory(isShort(scratch) ? scratch : temporary, scratch, temporary);
        socketDirectory = sockets;
        List<String> arguments = new ArrayList<>(List.of("-D", data().toString()));
        for (String setting : SETTINGS) {
            arguments.addAll(List.of("-c", setting));
        }
        for (String setting : libraries.settings()) {
            arguments.addAll(List.of("-c", setting));
        }
        arguments.addAll(List.of(
                "-c",
                "port=" + PORT,
                "-c",
                "unix_socket_directories=" + sockets,
                "-c",
                "unix_socket_permissions=0700"));
        Command postgres = user.command(installation.program(Programs.POSTGRES), arguments, Map.of());
        ChildProcess started =
                ChildProcess.start(postgres, ChildProcess.Input.NONE, ChildProcess.Output.DISCARDED, null, run);
        server = started;
        long end = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!isReady()) {
            run.checkpoint();
            Optional<ChildProcess.Exit> exit = started.ended();
            if (exit.isPresent() || System.nanoTime() > end) {
                if (exit.isPresent() && !libraries.libraries().isEmpty()) {
                    throw lacksLibraries(exit.get().errors());
                }
                throw failed(
                        "postgres",
                        exit.map(ChildProcess.Exit::errors).orElse("it is not ready after " + START_TIMEOUT));
            }
            Thread.sleep(20);
        }
    }

    private static boolean isShort(Path parent) {
        return parent.toString().length() + NAME_OF_A_DIRECTORY <= LONGEST_SOCKET_DIRECTORY;
    }

    private boolean isReady() throws IOException {
        try {
            return Files.readString(data().resolve("postmaster.pid")).contains("ready");
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private BackupException lacksLibraries(String errors) {
        return new BackupException(
                Kind.CONFIG,
                "the rehearsal's server",
                "does not start with shared_preload_libraries='" + libraries.libraries() + "', as the source has it: "
                        + ErrorMessages.first(errors),
                "install what is missing on this machine, or name a server that has it with --set server=URL");
    }

    private static BackupException failed(String program, String errors) {
        Matcher nameless = NO_ENTRY.matcher(errors);
        if (nameless.find()) {
            return new BackupException(
                    Kind.CONFIG,
                    "the drill",
                    "user id " + nameless.group(1) + " has no entry in /etc/passwd, which initdb needs",
                    "run it as a user that has one, or name a server with --set server=URL");
        }
        return new BackupException(
                Kind.FAILED,
                program + " of the rehearsal's server",
                "failed: " + ErrorMessages.first(errors),
                "look at the memory, shared memory and disk of this machine, or name a server with --set server=URL");
    }

    private Path data() {
        return directory.resolve("data");
    }

    /** How to reach it. */
    public Endpoint endpoint() {
        return new Endpoint(
                String.valueOf(socketDirectory), PORT, SUPERUSER, "postgres", SslMode.DISABLE, null, null, null);
    }

    @Override
    public void close() {
        ChildProcess running = server;
        server = null;
        if (running != null) {
            running.close();
        }
        delete(directory);
        if (socketDirectory != null && !socketDirectory.equals(directory)) {
            delete(socketDirectory);
        }
    }

    private static void delete(Path tree) {
        try {
            ScratchDirectory.deleteTree(tree);
        } catch (IOException e) {
            LOG.warn("Directory {} of a rehearsal could not be removed: {}", tree, e.toString());
        }
    }
}
