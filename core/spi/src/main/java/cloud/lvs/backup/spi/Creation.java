package cloud.lvs.backup.spi;

/** What became of {@link Sink#createIfAbsent}. */
public enum Creation {
    /** The object did not exist and now does. */
    CREATED,
    /** An object of that key was there already and was left alone. */
    EXISTS,
    /** This store cannot create conditionally; nothing was written. */
    UNSUPPORTED
}
