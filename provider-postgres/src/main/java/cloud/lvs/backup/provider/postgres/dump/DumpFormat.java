package cloud.lvs.backup.provider.postgres.dump;

/** What {@code pg_dump} and {@code pg_dumpall} write. */
public enum DumpFormat {
    /** The custom format of {@code pg_dump}. */
    ARCHIVE,
    /** A script of {@code pg_dump}: one database. */
    DATABASE_SCRIPT,
    /** A script of {@code pg_dumpall}: globals, or everything. */
    CLUSTER_SCRIPT
}
