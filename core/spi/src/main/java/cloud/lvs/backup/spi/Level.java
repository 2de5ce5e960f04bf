package cloud.lvs.backup.spi;

/** How deep a verification goes; each level includes those before it. */
public enum Level {
    /** Every object is there and has the size written. */
    STORED,
    /** Read back, with the SHA-256 written; needs no key. */
    CHECKSUM,
    /** Decoded and checked by the source. */
    CONTENT
}
