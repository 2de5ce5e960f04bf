package cloud.lvs.backup.provider.postgres;

/**
 * A table or sequence in a database.
 *
 * @param schema its schema
 * @param name its name there
 */
record TableName(String schema, String name) {
    /** Quoted, for SQL. */
    String quoted() {
        return Sql.identifier(schema) + '.' + Sql.identifier(name);
    }

    /** As a pattern that means this one alone. */
    String pattern() {
        return Sql.pattern(schema, name);
    }
}
