package cloud.lvs.backup.spi;

/** Who has to act on a {@link BackupException}; the runner gives each kind its exit code. */
public enum Kind {
    /** The operator's configuration or command line is wrong. */
    CONFIG,
    /** A credential or a key is missing, refused or does not fit. */
    CREDENTIALS,
    /** The sink cannot be reached, read or written. */
    SINK,
    /** The source cannot be reached, read, or is not what it should be. */
    SOURCE,
    /** Another run of the same job holds the lock. */
    LOCKED,
    /** The source is there but holds nothing to back up. */
    EMPTY,
    /** Stored bytes are not what was written, or do not hold what they should. */
    VERIFICATION,
    /** No such backup. */
    NOT_FOUND,
    /** The work was asked to stop. */
    CANCELLED,
    /** Everything else: the work failed. */
    FAILED
}
