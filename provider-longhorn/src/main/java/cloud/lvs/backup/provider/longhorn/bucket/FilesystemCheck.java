package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.RunContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Checks the filesystem on a copy of a volume with the filesystem's own programs, where they are installed. The copy may be
 * changed: a journal is replayed first, since a volume that was mounted when it was backed up has one.
 */
public final class FilesystemCheck {
    private static final String NAME = "filesystem";
    private static final List<Path> DIRECTORIES = List.of(
            Path.of("/usr/sbin"), Path.of("/sbin"), Path.of("/usr/local/sbin"), Path.of("/usr/bin"), Path.of("/bin"));
    private static final int SHOWN_CHARACTERS = 400;

    private final RunContext run;

    public FilesystemCheck(RunContext run) {
        this.run = run;
    }

    /** How a program ended. */
    private record Ended(int exitCode, String output) {
        /** What it said last, on one line. */
        String lastWords() {
            String line = output.strip().replaceAll("\\s*\\n\\s*", "; ");
            return line.length() <= SHOWN_CHARACTERS ? line : "…" + line.substring(line.length() - SHOWN_CHARACTERS);
        }
    }

    /**
     * Checks an image.
     *
     * @param image a raw image; it may be written to
     * @return passed or failed if the filesystem was checked, else a warning that names what was found and that it was not checked
     */
    public Check check(Path image) throws IOException, InterruptedException {
        ImageContent content = ImageContent.of(image);
        return switch (content) {
            case EXT -> ext(image);
            case XFS -> xfs(image);
            default -> notChecked(content.description());
        };
    }

    private static Check notChecked(String why) {
        return Check.warned(NAME, "not checked: " + why);
    }

    private static Check notInstalled(String description, String program) {
        return notChecked(description + ", and " + program + " is not installed here");
    }

    private Check ext(Path image) throws IOException, InterruptedException {
        Optional<Path> e2fsck = installed("e2fsck");
        if (e2fsck.isEmpty()) {
            return notInstalled(ImageContent.EXT.description(), "e2fsck");
        }
        String program = e2fsck.get().toString();
        Ended replayed = run(image, List.of(program, "-y", "-E", "journal_only", image.toString()));
        if (replayed.exitCode() > 1) {
            return Check.failed(NAME, "the journal of the ext filesystem cannot be replayed: " + replayed.lastWords());
        }
        Ended checked = run(image, List.of(program, "-f", "-n", image.toString()));
        return checked.exitCode() == 0
                ? Check.passed(NAME, "ext filesystem, journal replayed, e2fsck finds nothing")
                : Check.failed(NAME, "e2fsck finds errors in the ext filesystem: " + checked.lastWords());
    }

    private Check xfs(Path image) throws IOException, InterruptedException {
        Optional<Path> repair = installed("xfs_repair");
        Optional<Path> logprint = installed("xfs_logprint");
        if (repair.isEmpty() || logprint.isEmpty()) {
            return notInstalled(ImageContent.XFS.description(), "xfs_repair");
        }
        Ended log = run(image, List.of(logprint.get().toString(), "-t", image.toString()));
        if (log.exitCode() != 0 || !log.output().contains("<CLEAN>")) {
            return notChecked("xfs whose log is not clean; a mount would replay it");
        }
        Ended checked = run(image, List.of(repair.get().toString(), "-n", image.toString()));
        return checked.exitCode() == 0
                ? Check.passed(NAME, "xfs, log clean, xfs_repair finds nothing")
                : Check.failed(NAME, "xfs_repair finds errors: " + checked.lastWords());
    }

    /** These programs lie outside the search path of ordinary users. */
    private static Optional<Path> installed(String program) {
        return DIRECTORIES.stream()
                .map(directory -> directory.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private Ended run(Path image, List<String> command) throws IOException, InterruptedException {
        run.checkpoint();
        Path output = Files.createTempFile(image.toAbsolutePath().getParent(), ".lvs-backup-", ".log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(output.toFile());
        builder.environment().put("LC_ALL", "C");
        try {
            Process process = builder.start();
            try {
                while (!process.waitFor(1, TimeUnit.SECONDS)) {
                    run.checkpoint();
                }
                return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
            } finally {
                process.destroyForcibly();
            }
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
