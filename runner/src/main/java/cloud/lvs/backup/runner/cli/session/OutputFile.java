package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.core.files.FileErrors;
import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.output.Output;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Where a command puts a result that it was asked to write somewhere. Symbolic links are followed. A regular file is replaced
 * in one piece, so that a reader finds the whole of it or the one before, and keeps its owner and mode. What is no regular file,
 * a device or a pipe, is written into and never replaced. {@code -} is standard output.
 */
public final class OutputFile {
    private static final Path STANDARD_OUTPUT = Path.of("-");

    /** As Linux follows. */
    private static final int MOST_LINKS = 40;

    private final CommandContext cli;
    private final String option;
    private final Path given;
    private final Way way;

    /** How a result gets to where it belongs. */
    private enum Way {
        STANDARD_OUTPUT,
        /** Behind what others may have written there. */
        APPEND,
        WRITE_INTO,
        REPLACE
    }

    private record Target(Path file, Way way) {}

    private OutputFile(CommandContext cli, String option, Path given, Way way) {
        this.cli = cli;
        this.option = option;
        this.given = given;
        this.way = way;
    }

    /**
     * Looks whether a file can be written, before any work is done for it.
     *
     * @param option that names it, e.g. {@code --report}
     * @throws BackupException of kind {@code CONFIG} if it cannot
     */
    public static OutputFile of(CommandContext cli, String option, Path given) throws BackupException {
        try {
            Target target = target(given);
            switch (target.way()) {
                case REPLACE -> isReplaceable(target.file());
                case WRITE_INTO, APPEND -> requireWritable(target.file());
                case STANDARD_OUTPUT -> {}
            }
            return new OutputFile(cli, option, given, target.way());
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CONFIG,
                    option + " " + given,
                    "cannot be written: " + FileErrors.inWords(e),
                    "nothing was done; name a file in an existing directory that this user may write to",
                    e);
        }
    }

    /** Whether it takes the place of what a command prints. */
    public boolean isStandardOutput() {
        return way == Way.STANDARD_OUTPUT;
    }

    /** Whether it is, or will be, an ordinary file. */
    public boolean isRegular() {
        return way == Way.REPLACE;
    }

    /** Whether its name ends so. */
    public boolean hasExtension(String extension) {
        return given.toString().endsWith(extension);
    }

    /**
     * Writes a document as JSON; a failure is told.
     *
     * @return {@code OK}, or {@code otherwise} if it could not be written
     */
    public ExitCode write(JsonObject document, ExitCode otherwise) {
        return write((document.toString(cli.redactions()) + "\n").getBytes(StandardCharsets.UTF_8), otherwise);
    }

    /** As above, a text with secrets masked. */
    public ExitCode write(String text, ExitCode otherwise) {
        return write(cli.redactions().mask(text).getBytes(StandardCharsets.UTF_8), otherwise);
    }

    private ExitCode write(byte[] content, ExitCode otherwise) {
        try {
            Target target = target(given);
            switch (target.way()) {
                case STANDARD_OUTPUT -> cli.output().bytes(content);
                case APPEND -> writeInto(new FileOutputStream(target.file().toFile(), true), content);
                case WRITE_INTO -> writeInto(new FileOutputStream(target.file().toFile()), content);
                case REPLACE -> replace(target.file(), content);
            }
            return ExitCode.OK;
        } catch (Output.OutputException e) {
            cli.tell(e);
            return otherwise;
        } catch (IOException e) {
            cli.console()
                    .error(option + " " + given + ": cannot be written: " + FileErrors.inWords(e)
                            + " (the work itself is done; check the directory and its space)");
            return otherwise;
        }
    }

    private static Target target(Path given) throws IOException {
        if (given.equals(STANDARD_OUTPUT)) {
            return new Target(given, Way.STANDARD_OUTPUT);
        }
        if (given.toString().isEmpty()) {
            throw new IOException("it has no name");
        }
        Path file = given.toAbsolutePath();
        BasicFileAttributes found = look(file);
        for (int links = 0; found != null && found.isSymbolicLink(); links++) {
            if (links == MOST_LINKS) {
                throw new IOException("its symbolic links lead in a circle");
            }
            Path directory = file.resolveSibling("").toRealPath();
            if (directory.startsWith("/proc") && directory.endsWith("fd")) {
                // What is open already, e.g. /dev/stdout: its name may lead nowhere, and it is not ours to replace.
                boolean standardOutput =
                        directory.startsWith(Path.of("/proc/self").toRealPath()) && file.endsWith("1");
                return new Target(file, standardOutput ? Way.STANDARD_OUTPUT : Way.APPEND);
            }
            file = file.resolveSibling(Files.readSymbolicLink(file));
            found = look(file);
        }
        if (found != null && found.isDirectory()) {
            throw new IOException("it is a directory");
        }
        return new Target(file, found != null && found.isOther() ? Way.WRITE_INTO : Way.REPLACE);
    }

    private static @Nullable BasicFileAttributes look(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    private static void requireWritable(Path file) throws IOException {
        if (!Files.isWritable(file)) {
            throw new IOException("permission denied");
        }
    }

    /** Whether a file can be replaced; if not, it has to be one that can be written into. Tries everything but the writing. */
    private static boolean isReplaceable(Path file) throws IOException {
        try {
            Path temporary = temporaryFor(file);
            try {
                takeOver(file, temporary);
                return true;
            } finally {
                Files.delete(temporary);
            }
        } catch (IOException e) {
            requireWritableInPlace(file, e);
            return false;
        }
    }

    private static void requireWritableInPlace(Path file, IOException failure) throws IOException {
        if (!Files.isWritable(file)) {
            throw failure;
        }
    }

    private static void replace(Path file, byte[] content) throws IOException {
        if (!isReplaceable(file)) {
            writeInto(new FileOutputStream(file.toFile()), content);
            return;
        }
        Path temporary = temporaryFor(file);
        try {
            // Not a channel: those are closed by an interrupt.
            try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
                takeOver(file, temporary);
                out.write(content);
                out.getFD().sync();
            }
            move(temporary, file, content);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void move(Path temporary, Path file, byte[] content) throws IOException {
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // What is mounted by itself, as containers do it, can only be written into.
            requireWritableInPlace(file, e);
            writeInto(new FileOutputStream(file.toFile()), content);
        }
    }

    /** An empty file beside {@code file}. */
    private static Path temporaryFor(Path file) throws IOException {
        Path directory = file.resolveSibling("");
        if (!Files.isDirectory(directory)) {
            throw new IOException("there is no directory " + directory);
        }
        Path temporary =
                directory.resolve(".lvs-backup-" + ProcessHandle.current().pid() + ".tmp");
        Files.deleteIfExists(temporary);
        // Fails if someone is quicker: a link of theirs must not be followed.
        return Files.createFile(temporary);
    }

    /** Gives a file the owner and the mode of the one that it replaces. */
    private static void takeOver(Path file, Path temporary) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(temporary, PosixFileAttributeView.class);
        if (view == null || !Files.exists(file)) {
            return;
        }
        PosixFileAttributes before = Files.readAttributes(file, PosixFileAttributes.class);
        PosixFileAttributes now = view.readAttributes();
        if (!before.owner().equals(now.owner())) {
            view.setOwner(before.owner());
        }
        if (!before.group().equals(now.group())) {
            view.setGroup(before.group());
        }
        view.setPermissions(before.permissions());
    }

    private static void writeInto(FileOutputStream opened, byte[] content) throws IOException {
        try (FileOutputStream out = opened) {
            out.write(content);
        }
    }
}
