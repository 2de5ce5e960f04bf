package cloud.lvs.backup.runner.wiring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Libraries in C come in jars and are unpacked before they are loaded, to a place where the system lets them be loaded. */
final class NativeLibraries {
    /** Where sqlite-jdbc and zstd-jni unpack theirs, without it to java.io.tmpdir. */
    private static final List<String> PLACES = List.of("org.sqlite.tmpdir", "ZstdTempFolder");

    /** What the operator has said with -D, which stays. */
    private static final Set<String> CHOSEN =
            PLACES.stream().filter(place -> System.getProperty(place) != null).collect(Collectors.toUnmodifiableSet());

    private NativeLibraries() {}

    /** Has them unpacked to a directory, or to the one of the system if that is mounted noexec. */
    static void unpackTo(Path directory) {
        if (letsLibrariesBeLoaded(directory)) {
            chosenByUs().forEach(property -> System.setProperty(property, directory.toString()));
        } else {
            unpackToSystemDirectory();
        }
    }

    /** What is loaded from now on does not need the directory that was named before. */
    static void unpackToSystemDirectory() {
        chosenByUs().forEach(System::clearProperty);
    }

    private static Stream<String> chosenByUs() {
        return PLACES.stream().filter(place -> !CHOSEN.contains(place));
    }

    /** On a file system that is mounted noexec no file can be executed, whatever its mode. */
    private static boolean letsLibrariesBeLoaded(Path directory) {
        try {
            Path trial = Files.createTempFile(
                    directory,
                    "lvs-backup-",
                    ".so",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            try {
                return Files.isExecutable(trial);
            } finally {
                Files.delete(trial);
            }
        } catch (IOException e) {
            return false;
        }
    }
}
