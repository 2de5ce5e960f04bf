package cloud.lvs.backup.examples.files;

/** Nothing to say: {@code --to} tells it all. */
public record FilesRestoreOptions() {}
