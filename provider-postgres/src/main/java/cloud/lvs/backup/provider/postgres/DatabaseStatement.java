package cloud.lvs.backup.provider.postgres;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement of a dump about the database itself, not about what is in it: its creation, owner, settings, privileges,
 * comment. It names the database, so that a database under another name needs another one.
 *
 * @param before what stands before the name
 * @param database the name, unquoted
 * @param after what stands behind it
 */
record DatabaseStatement(String before, String database, String after) {
    private static final String IDENTIFIER = "\"(?:[^\"]|\"\")+\"|[^\\s;\"(,]+";
    private static final Pattern FORM = Pattern.compile(
            "((?:CREATE|ALTER|COMMENT ON) DATABASE "
                    + "|ALTER ROLE (?:" + IDENTIFIER + ") IN DATABASE "
                    + "|SECURITY LABEL FOR (?:" + IDENTIFIER + ") ON DATABASE "
                    + "|(?:GRANT|REVOKE)[A-Z, ]* ON DATABASE )"
                    + "(" + IDENTIFIER + ")(.*)",
            Pattern.DOTALL);
    private static final Pattern CONNECT =
            Pattern.compile("\\\\connect\\s+(?:-reuse-previous=on\\s+\"(.*)\"|(.*?))\\s*");
    private static final Pattern CONNINFO = Pattern.compile("dbname='?(.*?)'?");

    /** The statement, if it is of this kind. */
    static Optional<DatabaseStatement> of(String statement) {
        if (!statement.contains(" DATABASE ")) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(statement);
        return matcher.matches()
                ? Optional.of(new DatabaseStatement(matcher.group(1), unquoted(matcher.group(2)), matcher.group(3)))
                : Optional.empty();
    }

    boolean creates() {
        return before.startsWith("CREATE");
    }

    boolean setsOwner() {
        return before.startsWith("ALTER DATABASE") && after.startsWith(" OWNER TO ");
    }

    boolean isGrant() {
        return before.startsWith("GRANT") || before.startsWith("REVOKE");
    }

    /** The same statement about a database of another name. */
    String about(String other) {
        return before + Sql.identifier(other) + after;
    }

    /** The database a {@code \connect} line goes to, if it is such a line. */
    static Optional<String> connectsTo(String command) {
        Matcher matcher = CONNECT.matcher(command);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        if (matcher.group(1) == null) {
            return Optional.of(unquoted(matcher.group(2)));
        }
        // Quoted twice: for psql, where a double quote is doubled, and as a connection string.
        String conninfo = matcher.group(1).replace("\"\"", "\"");
        Matcher name = CONNINFO.matcher(conninfo);
        return name.matches() ? Optional.of(name.group(1).replaceAll("\\\\(.)", "$1")) : Optional.empty();
    }

    /** An identifier as it is in the catalogs. */
    static String unquoted(String identifier) {
        return identifier.startsWith("\"")
                ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
                : identifier;
    }
}
