package cloud.lvs.backup.spi;

/**
 * Something outside the sink that belongs to a backup, e.g. a Longhorn Backup resource.
 *
 * @param type what it is, e.g. {@code longhorn-backup}
 * @param reference its exact name, enough to find and free it
 */
public record ExternalReference(String type, String reference) {}
