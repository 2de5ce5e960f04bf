package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import java.nio.file.Path;

/**
 * The programs of one version of PostgreSQL.
 *
 * @param directory where they are
 * @param version theirs
 */
public record Installation(Path directory, PostgresVersion version) {
    /** The path of a program, whether it is there or not. */
    public Path program(String name) {
        return directory.resolve(name);
    }
}
