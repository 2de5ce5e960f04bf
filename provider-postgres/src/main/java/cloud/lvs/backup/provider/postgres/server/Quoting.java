package cloud.lvs.backup.provider.postgres.server;

/** Quotes for SQL, psql and libpq. */
public final class Quoting {
    private Quoting() {}

    /** As an identifier, always quoted. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** As a literal, whatever {@code standard_conforming_strings} says. */
    public static String literal(String text) {
        return text.contains("\\")
                ? "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
                : "'" + text.replace("'", "''") + "'";
    }

    /** As a pattern of psql that means exactly this name: between double quotes nothing has another meaning. */
    public static String pattern(String... qualifiedName) {
        StringBuilder pattern = new StringBuilder();
        for (String part : qualifiedName) {
            pattern.append(pattern.isEmpty() ? "" : ".").append(identifier(part));
        }
        return pattern.toString();
    }

    /**
     * As a connection string that names a database. A bare name would be taken for a connection string itself if it holds
     * {@code =} or looks like a URL.
     */
    public static String database(String name) {
        return "dbname='" + name.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** As one word of a shell. */
    public static String shell(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
