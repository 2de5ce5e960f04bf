package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program on machines as they are: mounted strictly, with another Java, in any locale and zone, under any user id. */
class MachinesTest {
    private static final String LAUNCHER =
            Checkout.distribution().resolve("bin/lvs-backup").toString();
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    /** In the checkout: some tests mount over /tmp. */
    private Path directory = Path.of("");

    private K3sWorkspace workspace;

    @BeforeEach
    void makeWorkspace() throws Exception {
        directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "machine-");
        workspace = K3sWorkspace.small(directory);
        workspace.configure("encryption: {type: none}");
    }

    @AfterEach
    void remove() throws Exception {
        new Program(Path.of("/"), List.of("rm", "-rf")).run(directory.toString());
    }

    private Program.Result in(String environment, String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("env"));
        line.addAll(Arrays.asList(environment.split(" ")));
        return new Program(directory, line).run(command);
    }

    private static String[] command(String program, String... arguments) {
        return Stream.concat(Stream.of(program, "-c", "lvs.yaml"), Stream.of(arguments))
                .toArray(String[]::new);
    }

    private static boolean isRoot() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    }

    // Places where no library may be loaded

    /** With a /tmp of its own that is mounted noexec; what is tested may lie below it. */
    private Program.Result withStrictTmp(String environment, String... arguments) throws Exception {
        assumeTrue(isRoot(), "may mount");
        String[] all = Stream.concat(
                        Stream.of(
                                "unshare",
                                "--mount",
                                "sh",
                                "-c",
                                "mount --bind \"$0\" /mnt && mount -t tmpfs -o noexec tmpfs /tmp && mkdir -p \"$0\""
                                        + " && mount --bind /mnt \"$0\" && exec \"$@\"",
                                Checkout.root().toString()),
                        Stream.of(command(LAUNCHER, arguments)))
                .toArray(String[]::new);
        return in(environment, all);
    }

    @Test
    void aTmpThatIsMountedNoexecIsToldInOneLineWithWhatHelps() throws Exception {
        Program.Result result = withStrictTmp("-u TMPDIR", "run");

        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
        assertThat(result.err().lines())
                .filteredOn(line -> !line.startsWith("job k3s: FAILED: "))
                .singleElement()
                .asString()
                .startsWith(
                        "job k3s: preflight: SQLite: its native library cannot be loaded from /tmp, where it is unpacked")
                .contains("TMPDIR", "LVS_JAVA_OPTS=-Dorg.sqlite.tmpdir=");
    }

    @Test
    void aVerificationThatCannotLoadSqliteDoesNotCallTheBackupDamaged() throws Exception {
        in("-u TMPDIR", command(LAUNCHER, "run")).expect(0);

        Program.Result result = withStrictTmp("-u TMPDIR", "verify", "latest", "--level", "content");

        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
        assertThat(result.err().lines()).singleElement().asString().contains("TMPDIR");
    }

    @Test
    void librariesAreUnpackedToTmpdir() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));

        withStrictTmp("TMPDIR=" + elsewhere, "run").expect(0);

        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void librariesAreUnpackedToTheScratchDirectory() throws Exception {
        Files.createDirectory(directory.resolve("scratch"));
        Files.writeString(
                directory.resolve("lvs.yaml"),
                Files.readString(directory.resolve("lvs.yaml")) + "scratch: " + directory + "/scratch\n");

        withStrictTmp("-u TMPDIR", "run").expect(0);
        withStrictTmp("-u TMPDIR", "verify", "latest", "--level", "content").expect(0);
    }

    // Other Javas

    /** The homes of Javas of other versions than ours. */
    private static Optional<Path> otherJava() throws IOException {
        List<Path> homes = new ArrayList<>();
        for (Path place : List.of(Path.of("/usr/lib/jvm"), Path.of("/opt"))) {
            if (Files.isDirectory(place)) {
                try (Stream<Path> inside = Files.list(place)) {
                    homes.addAll(inside.filter(home -> Files.isExecutable(home.resolve("bin/java")))
                            .toList());
                }
            }
        }
        return homes.stream().filter(home -> version(home) > 17).findFirst();
    }

    private static int version(Path home) {
        try (Stream<String> lines = Files.lines(home.resolve("release"))) {
            return lines.filter(line -> line.startsWith("JAVA_VERSION=\""))
                    .map(line -> line.substring(14).split("[.\"]", 2)[0])
                    .mapToInt(Integer::parseInt)
                    .filter(version -> version != Runtime.version().feature())
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    private static Path requireOtherJava() throws IOException {
        Optional<Path> other = otherJava();
        assumeTrue(other.isPresent(), "there is a Java of another version");
        return other.orElseThrow();
    }

    /** A copy of the distribution with an archive of the Java that runs the tests. */
    private Path archived() throws Exception {
        Path copy = directory.resolve("copy");
        try (Stream<Path> files = Files.walk(Checkout.distribution())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path to = copy.resolve(Checkout.distribution().relativize(file).toString());
                Files.copy(file, to, StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        in(
                        "JAVA_HOME=" + System.getProperty("java.home"),
                        copy.resolve("bin/make-cds-archive").toString())
                .expect(0);
        return copy;
    }

    private void assertQuiet(String environment, String... program) throws Exception {
        for (List<String> arguments :
                List.of(List.of("run"), List.of("verify", "latest", "--level", "content"), List.of("list"))) {
            String[] all = Stream.of(Stream.of(program), Stream.of("-c", "lvs.yaml"), arguments.stream())
                    .flatMap(each -> each)
                    .toArray(String[]::new);

            Program.Result result = in(environment, all).expect(0);

            assertThat(result.err().lines()).as(arguments.toString()).allMatch(line -> line.startsWith("job k3s: "));
        }
    }

    @Test
    void anotherJavaMakesNoNoise() throws Exception {
        Path other = requireOtherJava();

        assertQuiet("JAVA_HOME=" + other, archived().resolve("bin/lvs-backup").toString());
        assertQuiet(
                "LC_ALL=C.UTF-8",
                other.resolve("bin/java").toString(),
                "-jar",
                Checkout.executableJar().toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"another Java", "no archive", "its own"})
    void javaKeepsAnArchiveOfClassesWhateverOursIs(String which) throws Exception {
        Path copy = archived();
        Path home = which.equals("another Java") ? requireOtherJava() : Path.of(System.getProperty("java.home"));
        if (which.equals("no archive")) {
            Files.delete(copy.resolve("lib/app.jsa"));
        }

        // Without one that it can use, Java would not start.
        Program.Result result =
                in("JAVA_HOME=" + home + " LVS_JAVA_OPTS=-Xshare:on", copy + "/bin/lvs-backup", "version");

        assertThat(result.expect(0).err()).isEmpty();
    }

    @Test
    void anArchiveOfOtherJarsMakesNoNoise() throws Exception {
        Path copy = archived();
        try (Stream<Path> jars = Files.list(copy.resolve("lib"))) {
            for (Path jar : (Iterable<Path>) jars.filter(file -> file.toString().endsWith(".jar"))::iterator) {
                Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
            }
        }

        assertQuiet("JAVA_HOME=" + System.getProperty("java.home"), copy + "/bin/lvs-backup");
    }

    // Locales, zones, users

    private void configureBeyondAscii() throws IOException {
        Files.writeString(
                directory.resolve("lvs.yaml"),
                Files.readString(directory.resolve("lvs.yaml")).replace("path: backups", "path: grüße/backups"));
        Files.createDirectories(directory.resolve("grüße"));
    }

    private List<String> strangers() throws IOException {
        try (Stream<Path> all = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            return all.map(Path::toString)
                    .filter(name -> name.contains("?") || name.contains("\uFFFD"))
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LC_ALL=de_DE.UTF-8",
                "LC_CTYPE=UTF-8",
                "LANG=en_US.UTF-8",
                "LC_ALL=POSIX",
                "-u LC_ALL -u LC_CTYPE -u LANG"
            })
    void theLauncherSeesNamesBeyondAsciiInEveryLocale(String locale) throws Exception {
        configureBeyondAscii();
        String unset = "-u LC_ALL -u LC_CTYPE -u LANG " + locale;

        in(unset, command(LAUNCHER, "run")).expect(0);
        in(unset, command(LAUNCHER, "restore", "latest", "--to", "zurück")).expect(0);

        assertThat(directory.resolve("grüße/backups/.lvs-backup")).isDirectory();
        assertThat(directory.resolve("zurück/state.db")).isRegularFile();
        assertThat(strangers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"run, ", "restore, zurück"})
    void theBareJarSaysWhichVariableToSet(String verb, String place) throws Exception {
        configureBeyondAscii();
        String[] arguments = place == null ? new String[] {verb} : new String[] {verb, "latest", "--to", place};
        String[] all = Stream.of(
                        Stream.of(JAVA, "-jar", Checkout.executableJar().toString(), "-c", "lvs.yaml"),
                        Stream.of(arguments))
                .flatMap(each -> each)
                .toArray(String[]::new);

        Program.Result result = in("-u LC_CTYPE -u LANG LC_ALL=C", all);

        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
        assertThat(result.err().lines()).singleElement().asString().contains("LC_ALL=C.UTF-8");
        assertThat(strangers()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TZ=IST", "TZ=CTT", "TZ=Europe/Berlin", "TZ=Nowhere/Land"})
    void worksInEveryZone(String zone) throws Exception {
        in(zone, command(LAUNCHER, "run")).expect(0);

        assertThat(in(zone, command(LAUNCHER, "list")).expect(0).out()).containsPattern("T\\d{2}:\\d{2}:\\d{2}Z");
    }

    @Test
    void worksForAUserWithoutNameAndHome() throws Exception {
        assumeTrue(isRoot(), "may become somebody else");
        Path place = Files.createTempDirectory("lvs-user-");
        try {
            new Program(Path.of("/"), List.of("cp", "-r"))
                    .run(
                            directory.resolve("k3s").toString(),
                            directory.resolve("lvs.yaml").toString(),
                            place.toString())
                    .expect(0);
            Path copy = place.resolve("distribution");
            new Program(Path.of("/"), List.of("cp", "-r"))
                    .run(Checkout.distribution().toString(), copy.toString())
                    .expect(0);
            Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));
            new Program(Path.of("/"), List.of("chown", "-R", "1000650000"))
                    .run(place.toString())
                    .expect(0);
            List<String> somebody = List.of(
                    "env",
                    "-u",
                    "HOME",
                    "-u",
                    "TMPDIR",
                    "setpriv",
                    "--reuid=1000650000",
                    "--regid=0",
                    "--clear-groups",
                    copy + "/bin/lvs-backup",
                    "-c",
                    "lvs.yaml");
            Program program = new Program(place, somebody);

            program.run("run").expect(0);
            program.run("drill").expect(0);

            assertThat(Path.of("/?")).doesNotExist();
            assertThat(place.resolve("?")).doesNotExist();
        } finally {
            new Program(Path.of("/"), List.of("rm", "-rf")).run(place.toString());
        }
    }
}
