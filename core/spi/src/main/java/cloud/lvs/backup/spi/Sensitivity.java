package cloud.lvs.backup.spi;

/** How careful the engine is with an artifact. */
public enum Sensitivity {
    ORDINARY,
    /** Gives away the system by itself, e.g. a server token: a run that stores it unencrypted tells so. */
    SECRET
}
