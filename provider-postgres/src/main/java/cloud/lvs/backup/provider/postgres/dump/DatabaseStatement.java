package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.provider.postgres.server.Quoting;
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
public record DatabaseStatement(String before, String database, String after) {
    private static final String IDENTIFIER = "\"(?:[^\"]|\"\")+\"|[^\\s;\"(,]+";
    private static final Pattern FORM = Pattern.compile(
            "((?:CREATE|ALTER|COMMENT ON) DATABASE "
                    + "|ALTER ROLE (?:" + IDENTIFIER + ") IN DATABASE "
                    + "|SECURITY LABEL FOR (?:" + IDENTIFIER + ") ON DATABASE "
                    + "|(?:GRANT|REVOKE)[A-Z, ]* ON DATABASE )"
                    + "(" + IDENTIFIER + ")(.*)",
            Pattern.DOTALL);
    private static final Pattern CONNECT = Pattern.compile(
            "\\\\(?:connect|c)\\s+(?:-reuse-previous=(?:on|off)\\s+)?(\"(?:[^\"]|\"\")+\"|'[^']+'|[^\\s\"']+)\\s*");
    private static final Pattern CONNINFO = Pattern.compile("dbname\\s*=\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|([^\\s']+))");
    /** What versions before 11 write for a template, in place of {@code ALTER DATABASE}. */
    private static final Pattern TEMPLATE = Pattern.compile(
            "UPDATE (?:pg_catalog\\.)?pg_database SET datistemplate ="
                    + " (?:true|'t') WHERE datname = '((?:[^']|'')*)';.*",
            Pattern.DOTALL);

    /** The statement, if it is of this kind. */
    public static Optional<DatabaseStatement> of(String statement) {
        Matcher template;
        if (statement.startsWith("UPDATE ") && (template = TEMPLATE.matcher(statement)).matches()) {
            String name = template.group(1).replace("''", "'");
            return Optional.of(new DatabaseStatement("ALTER DATABASE ", name, " IS_TEMPLATE = true;"));
        }
        if (!statement.contains(" DATABASE ")) {
            return Optional.empty();
        }
        Matcher matcher = FORM.matcher(statement);
        return matcher.matches()
                ? Optional.of(new DatabaseStatement(matcher.group(1), unquoted(matcher.group(2)), matcher.group(3)))
                : Optional.empty();
    }

    public boolean creates() {
        return before.startsWith("CREATE");
    }

    boolean setsOwner() {
        return before.startsWith("ALTER DATABASE") && after.startsWith(" OWNER TO ");
    }

    public boolean isGrant() {
        return before.startsWith("GRANT") || before.startsWith("REVOKE");
    }

    /** The same statement about a database of another name. */
    public String about(String other) {
        return before + Quoting.identifier(other) + after;
    }

    /** The database a {@code \connect} line goes to, if it is such a line. */
    public static Optional<String> connectsTo(String command) {
        Matcher matcher = CONNECT.matcher(command);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String argument = matcher.group(1);
        String name = argument.startsWith("'") ? argument.substring(1, argument.length() - 1) : unquoted(argument);
        if (name.indexOf('=') < 0) {
            // A lone dash stands for the database there is, with another user: no dump has that.
            return name.equals("-") || name.startsWith("postgres") && name.contains("://")
                    ? Optional.empty()
                    : Optional.of(name);
        }
        // A connection string, which may say nothing but the name.
        Matcher conninfo = CONNINFO.matcher(name);
        return conninfo.matches()
                ? Optional.of(Optional.ofNullable(conninfo.group(1))
                        .orElseGet(() -> conninfo.group(2))
                        .replaceAll("\\\\(.)", "$1"))
                : Optional.empty();
    }

    /** An identifier as it is in the catalogs. */
    public static String unquoted(String identifier) {
        return identifier.startsWith("\"")
                ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
                : identifier;
    }
}
