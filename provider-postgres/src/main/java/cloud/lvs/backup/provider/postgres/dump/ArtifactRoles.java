package cloud.lvs.backup.provider.postgres.dump;

/** The roles of the artifacts that hold more than one database. */
public final class ArtifactRoles {
    /** Roles and tablespaces. */
    public static final String GLOBALS = "pg-globals";

    /** One script of everything. */
    public static final String CLUSTER = "pgdumpall";

    private ArtifactRoles() {}
}
