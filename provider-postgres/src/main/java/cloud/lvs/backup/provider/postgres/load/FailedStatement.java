package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.dump.DumpVerification;
import cloud.lvs.backup.provider.postgres.server.Server;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A statement of a dump that did not take effect.
 *
 * @param object what it is about, e.g. {@code index public.acc_u}
 * @param reason in the words of the server
 * @param sql the statement, without what may be a secret or a row
 * @param cause whose doing it is
 */
public record FailedStatement(String object, String reason, String sql, Cause cause) {
    /** Whose doing it is that a statement fails. */
    public enum Cause {
        REFUSED,
        /** It asks for rows that the backup leaves out, as its configuration says. */
        ROWS_LEFT_OUT
    }

    private static final int LONGEST = 2000;
    /** Their literals may be passwords. */
    private static final Pattern SECRET = Pattern.compile(
            "(?:CREATE|ALTER) (?:SUBSCRIPTION|USER MAPPING|SERVER|FOREIGN)\\b.*|.*\\bPASSWORD\\b.*", Pattern.DOTALL);
    /** What follows may be rows. */
    private static final Pattern ROWS =
            Pattern.compile("(INSERT INTO .*?\\bVALUES\\b|SELECT (?:pg_catalog\\.)?lowrite\\().*", Pattern.DOTALL);

    private static final Pattern TABLE =
            Pattern.compile("(?:COPY|INSERT INTO) ((?:\"(?:[^\"]|\"\")+\"|[^\\s\"(])+)", Pattern.DOTALL);
    private static final Pattern LITERAL = Pattern.compile("'(?:[^']|'')*'");

    /** One that the server refused. */
    public static FailedStatement refused(String object, SQLException why, String sql) {
        return new FailedStatement(object, words(why), shown(sql), Cause.REFUSED);
    }

    /** The same with more to say. */
    public FailedStatement adding(String words) {
        return new FailedStatement(object, reason + words, sql, cause);
    }

    static String words(SQLException why) {
        String said = Server.firstLine(why);
        return "23505".equals(why.getSQLState()) && said.contains("could not create unique index")
                ? said + " (the source holds duplicates)"
                : said;
    }

    /** A statement as it may be shown. */
    public static String shown(String sql) {
        String text = ROWS.matcher(sql.strip()).replaceFirst("$1 …;");
        if (SECRET.matcher(text).matches()) {
            text = LITERAL.matcher(text).replaceAll("'***'");
        }
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + " …";
    }

    /** The tables, each part of their names in quotes, whose rows did not come for statements that failed. */
    public static Set<String> tablesWithoutRows(List<FailedStatement> failed) {
        Set<String> tables = new TreeSet<>();
        for (FailedStatement each : failed) {
            Matcher matcher = TABLE.matcher(each.sql());
            if (matcher.lookingAt()) {
                tables.add(DumpVerification.quoted(matcher.group(1)));
            }
        }
        return tables;
    }

    /** In one line, e.g. {@code index public.u: ERROR: could not create unique index "u": CREATE UNIQUE INDEX u …;}. */
    public String inWords() {
        return object + ": " + reason + (sql.isEmpty() ? "" : ": " + sql.replaceAll("\\s+", " "));
    }

    /** Several in one line. */
    public static String inWords(List<FailedStatement> failed, int most) {
        return failed.stream().limit(most).map(FailedStatement::inWords).collect(Collectors.joining("; "))
                + (failed.size() > most ? "; and " + (failed.size() - most) + " more" : "");
    }
}
