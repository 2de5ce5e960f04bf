package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RunContext;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs that read a dump: of the major version of the {@code pg_dump} that wrote it, or later.
 *
 * @param installation where they are
 */
public record RestorePrograms(Installation installation) {
    private static final Pattern MAJOR = Pattern.compile("(\\d+)\\D?.*", Pattern.DOTALL);
    /** What reads anything that a dump of unknown age may hold. */
    private static final int OLDEST = 10;

    /** @throws BackupException of kind {@code CONFIG} if none that are new enough are installed */
    public static RestorePrograms reading(Manifest manifest, Programs programs, RunContext run)
            throws BackupException, InterruptedException {
        int major = majorOf(manifest.source().getOrDefault("pgDumpVersion", ""));
        return new RestorePrograms(programs.oldestFor(
                new PostgresVersion(major, 0, Integer.toString(major)), run, Programs.PG_RESTORE, Programs.PSQL));
    }

    public static int majorOf(String version) {
        Matcher matcher = MAJOR.matcher(version);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : OLDEST;
    }

    public Path pgRestore() {
        return installation.program(Programs.PG_RESTORE);
    }

    public Path psql() {
        return installation.program(Programs.PSQL);
    }
}
