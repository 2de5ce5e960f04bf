package cloud.lvs.backup.provider.postgres;

/** What {@code restore --set} may say for a PostgreSQL cluster. */
public record PostgresRestoreOptions() {
    /** What holds when nothing is said. */
    static final PostgresRestoreOptions DEFAULTS = new PostgresRestoreOptions();
}
