package cloud.lvs.backup.provider.postgres;

import java.nio.file.Path;

/**
 * The programs of one version of PostgreSQL.
 *
 * @param directory where they are
 * @param version theirs
 */
record Installation(Path directory, Version version) {
    /** The path of a program, whether it is there or not. */
    Path program(String name) {
        return directory.resolve(name);
    }
}
