package cloud.lvs.backup.core.files;

import cloud.lvs.backup.spi.BackupException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Why a file cannot be read or written, in plain words instead of the names of Java's exceptions. */
public final class FileErrors {
    /** A {@link FileNotFoundException} is of any kind; its message ends with the system's own words. */
    private static final Pattern IN_BRACKETS = Pattern.compile(".*\\(([^()]+)\\)", Pattern.DOTALL);

    private FileErrors() {}

    /** E.g. {@code permission denied}; the path is left to the caller. */
    public static String inWords(IOException failure) {
        if (failure instanceof BackupException explained) {
            return explained.problem();
        }
        if (failure instanceof CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        if (failure instanceof NoSuchFileException) {
            return "it does not exist";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof NotDirectoryException) {
            return "it is no directory";
        }
        if (failure instanceof FileSystemLoopException) {
            return "its symbolic links lead in a circle";
        }
        String words =
                failure instanceof FileSystemException named ? named.getReason() : String.valueOf(failure.getMessage());
        if (words == null || words.equals("null") || words.isBlank()) {
            return "the system does not say why";
        }
        Matcher inBrackets = IN_BRACKETS.matcher(words);
        if (failure instanceof FileNotFoundException && inBrackets.matches()) {
            words = inBrackets.group(1);
        }
        return words.substring(0, 1).toLowerCase(Locale.ROOT) + words.substring(1);
    }
}
