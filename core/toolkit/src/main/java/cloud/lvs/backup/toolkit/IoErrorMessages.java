package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** Why reading or writing failed, in words for an operator: the JDK puts part of it into the names of its classes. */
public final class IoErrorMessages {
    private IoErrorMessages() {}

    /**
     * The cause, with the file it is about where that is known, e.g. {@code /srv/data may not be used by this user}: to stand after
     * what could not be done and a colon.
     */
    public static String of(IOException failure) {
        if (failure instanceof BackupException told) {
            return told.getMessage();
        }
        if (!(failure instanceof FileSystemException at)) {
            String message = failure.getMessage();
            return message == null || message.isBlank() ? "reading or writing failed" : inPlainCase(message);
        }
        return at.getFile() + " " + (isKnown(at) ? known(at) : "cannot be used: " + reason(at));
    }

    private static boolean isKnown(FileSystemException at) {
        return !known(at).isEmpty();
    }

    private static String known(FileSystemException at) {
        if (at instanceof NoSuchFileException) {
            return "does not exist";
        }
        if (at instanceof AccessDeniedException) {
            return "may not be used by this user";
        }
        if (at instanceof FileAlreadyExistsException) {
            return "exists already";
        }
        if (at instanceof DirectoryNotEmptyException) {
            return "is not empty";
        }
        if (at instanceof NotDirectoryException) {
            return "is not a directory";
        }
        return at instanceof FileSystemLoopException ? "is a loop of symbolic links" : "";
    }

    private static String reason(FileSystemException at) {
        String reason = at.getReason();
        return reason == null || reason.isBlank() ? "the file system does not say why" : inPlainCase(reason);
    }

    /** The texts of {@code strerror(3)} begin with a capital letter. */
    private static String inPlainCase(String text) {
        return text.length() > 1 && Character.isLowerCase(text.charAt(1))
                ? text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1)
                : text;
    }
}
