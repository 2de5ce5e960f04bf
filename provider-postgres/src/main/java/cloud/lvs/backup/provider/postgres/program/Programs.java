package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ChildProcess;
import cloud.lvs.backup.toolkit.Command;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the programs of PostgreSQL on this machine: several versions may stand side by side. One thread at a time. */
public final class Programs {
    public static final String PG_DUMP = "pg_dump";
    public static final String PG_DUMPALL = "pg_dumpall";
    public static final String PG_RESTORE = "pg_restore";
    public static final String PSQL = "psql";
    public static final String INITDB = "initdb";
    public static final String POSTGRES = "postgres";

    /** Where packages put versions side by side: Debian's and PGDG's, Red Hat's, Alpine's. */
    private static final Map<String, String> VERSIONED =
            Map.of("/usr/lib/postgresql", "*/bin", "/usr", "pgsql-*/bin", "/usr/libexec", "postgresql*");

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final List<Path> directories;
    private @Nullable List<Installation> found;

    private Programs(List<Path> directories) {
        this.directories = directories;
    }

    /**
     * @param binDirectory where to look and nowhere else, or null for the usual places
     * @param searchPath a {@code PATH}, or null for none
     */
    public static Programs searching(@Nullable Path binDirectory, @Nullable String searchPath) {
        if (binDirectory != null) {
            return new Programs(List.of(binDirectory));
        }
        Set<Path> directories = new LinkedHashSet<>();
        VERSIONED.forEach((parent, glob) -> directories.addAll(versioned(Path.of(parent), glob)));
        for (String each : searchPath == null ? new String[0] : searchPath.split(File.pathSeparator, -1)) {
            try {
                if (each.startsWith("/")) {
                    directories.add(Path.of(each));
                }
            } catch (InvalidPathException e) {
                // Nothing can be found along a path that is none.
            }
        }
        return new Programs(List.copyOf(directories));
    }

    private static List<Path> versioned(Path parent, String glob) {
        int slash = glob.indexOf('/');
        String first = slash < 0 ? glob : glob.substring(0, slash);
        List<Path> result = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, first)) {
            for (Path entry : entries) {
                result.add(slash < 0 ? entry : entry.resolve(glob.substring(slash + 1)));
            }
        } catch (IOException e) {
            return List.of();
        }
        return result;
    }

    /** All there are, oldest first. */
    List<Installation> installed(RunContext run) throws BackupException, InterruptedException {
        if (found == null) {
            List<Installation> each = new ArrayList<>();
            for (Path directory : directories) {
                if (isProgram(directory.resolve(PG_DUMP))) {
                    versionOf(directory.resolve(PG_DUMP), run)
                            .ifPresent(version -> each.add(new Installation(directory, version)));
                }
            }
            each.sort(Comparator.comparing(Installation::version));
            found = List.copyOf(each);
        }
        return found;
    }

    /**
     * The oldest that is not older than a server and has these programs: what it writes loads into the most servers. Of one
     * major version the newest minor.
     *
     * @throws BackupException of kind {@code CONFIG} if there is none
     */
    public Installation oldestFor(PostgresVersion server, RunContext run, String... programs)
            throws BackupException, InterruptedException {
        Optional<Installation> best = installed(run).stream()
                .filter(each -> each.version().major() >= server.major())
                .filter(each -> Arrays.stream(programs).allMatch(name -> isProgram(each.program(name))))
                .min(Comparator.<Installation>comparingInt(
                                each -> each.version().major())
                        .thenComparing(Installation::version, Comparator.reverseOrder()));
        if (best.isPresent()) {
            return best.get();
        }
        String wanted = String.join(", ", programs);
        throw new BackupException(
                Kind.CONFIG,
                wanted,
                installed(run).isEmpty()
                        ? (programs.length == 1 ? "was" : "were") + " found nowhere: looked in " + directories
                        : "of version " + server.major() + " or later, as the server (" + server
                                + ") needs, " + (programs.length == 1 ? "is" : "are") + " not installed; found: "
                                + installed(run).stream()
                                        .map(each -> each.version() + " in " + each.directory())
                                        .collect(Collectors.joining(", ")),
                "install the package postgresql-client-" + server.major()
                        + " or a later one, or set binDirectory to where they are");
    }

    /** Whether a file can be run and is not Debian's wrapper, which chooses a version by itself. */
    private static boolean isProgram(Path file) {
        try {
            return Files.isRegularFile(file)
                    && Files.isExecutable(file)
                    && !file.toRealPath().endsWith("pg_wrapper");
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<PostgresVersion> versionOf(Path program, RunContext run)
            throws BackupException, InterruptedException {
        Command command = new Command(program, List.of("--version"), Map.of());
        try (ChildProcess child =
                ChildProcess.start(command, ChildProcess.Input.NONE, ChildProcess.Output.STREAMED, TIMEOUT, run)) {
            String line = new String(child.output().readNBytes(1 << 10), StandardCharsets.UTF_8);
            return child.await().code() == 0 ? PostgresVersion.ofProgram(line) : Optional.empty();
        } catch (BackupException e) {
            run.checkpoint();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
