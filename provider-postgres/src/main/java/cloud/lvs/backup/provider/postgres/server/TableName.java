package cloud.lvs.backup.provider.postgres.server;

/**
 * A table or sequence in a database.
 *
 * @param schema its schema
 * @param name its name there
 */
public record TableName(String schema, String name) {
    /** Quoted, for SQL. */
    public String quoted() {
        return Quoting.identifier(schema) + '.' + Quoting.identifier(name);
    }

    /** As a pattern that means this one alone. */
    public String pattern() {
        return Quoting.pattern(schema, name);
    }
}
