package cloud.lvs.backup.provider.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A directory with a {@code pg_dump} that lies, beside an honest {@code pg_dumpall}. */
final class FakePrograms {
    /** The honest one, to be called with the arguments as they came. */
    static final String REAL = "/usr/lib/postgresql/15/bin/pg_dump \"$@\"";

    private FakePrograms() {}

    /** @param script what {@code pg_dump} does instead, in the language of {@code sh} */
    static Path lying(Path parent, String script) throws IOException {
        Path directory = Files.createDirectories(parent.resolve("fake programs"));
        write(
                directory.resolve("pg_dump"),
                "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'pg_dump (PostgreSQL) 15.99'; exit 0; fi\n" + script
                        + "\n");
        write(directory.resolve("pg_dumpall"), "#!/bin/sh\nexec /usr/lib/postgresql/15/bin/pg_dumpall \"$@\"\n");
        return directory;
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
