package cloud.lvs.backup.examples.files;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import java.nio.file.FileSystems;
import java.nio.file.Path;

/**
 * What {@code type: files} takes.
 *
 * @param directory whose files to back up
 * @param include a glob over file names
 */
@Doc("Backs up the files of one directory, without the directories in it.")
public record FilesConfig(
        @Doc("The directory whose files to back up.") Path directory,

        @Doc("Which of them, as a glob over file names.") @Default("*")
        String include) {
    public FilesConfig {
        try {
            FileSystems.getDefault().getPathMatcher("glob:" + include);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("include '" + include + "' is not a glob: " + e.getMessage(), e);
        }
    }
}
