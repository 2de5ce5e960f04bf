package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.dump.ScriptReader;
import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.provider.postgres.restore.DatabaseLoader.ScriptLoad;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lets pass what defines a database, and the rows of one table. */
final class TableFilter {
    private static final Pattern ENTRY =
            Pattern.compile("-- (?:Data for )?Name: .*; Type: ([A-Z ]+); Schema: .*", Pattern.DOTALL);
    private static final Pattern LARGE_OBJECT = Pattern.compile(
            "(?:GRANT|REVOKE|COMMENT|ALTER|SECURITY LABEL)\\b[^'\"]* LARGE OBJECT \\d.*", Pattern.DOTALL);
    private static final Pattern COPY = Pattern.compile("COPY ((?:\"(?:[^\"]|\"\")+\"|[^\\s\"(])+) .*", Pattern.DOTALL);
    private static final Pattern CONSTRAINED =
            Pattern.compile("ALTER TABLE (?:ONLY )?((?:\"(?:[^\"]|\"\")+\"|[^\\s\"])+)\\s.*", Pattern.DOTALL);
    /** They need other rows than those of the table, or do something outside the database. */
    private static final Set<String> LEFT_OUT = Set.of(
            "FK CONSTRAINT",
            "MATERIALIZED VIEW DATA",
            "EVENT TRIGGER",
            "PUBLICATION",
            "PUBLICATION TABLE",
            "PUBLICATION TABLES IN SCHEMA",
            "SUBSCRIPTION",
            "BLOB",
            "BLOBS",
            "BLOB METADATA");

    private final Set<String> tables;
    private String entry = "";
    private boolean skippingRows;
    private boolean inOwnStatistics;
    private final List<String> statistics = new ArrayList<>();
    private final List<String> foreignKeys = new ArrayList<>();

    /** @param tables the table and its partitions, as the script spells them */
    TableFilter(Set<String> tables) {
        this.tables = Set.copyOf(tables);
    }

    /** Gives a token to the load, unless it is to be left out. */
    void pass(Token token, ScriptReader script, ScriptLoad load) throws IOException, InterruptedException {
        switch (token) {
            case COMMENT -> {
                Matcher matcher = ENTRY.matcher(script.text().stripTrailing());
                if (matcher.matches()) {
                    entry = matcher.group(1);
                }
            }
            case STATEMENT -> {
                if (isWanted(script.text())) {
                    load.accept(token, script);
                }
            }
            case ROWS, ROWS_END -> {
                if (!skippingRows) {
                    load.accept(token, script);
                }
            }
            case BLANK, META_COMMAND -> load.accept(token, script);
            case END -> {}
        }
    }

    private boolean isWanted(String statement) {
        if (statement.startsWith("COPY ")) {
            Matcher copy = COPY.matcher(statement);
            skippingRows = !(copy.matches() && tables.contains(copy.group(1)));
            return !skippingRows;
        }
        if (entry.equals("STATISTICS")) {
            if (statement.startsWith("CREATE STATISTICS ")) {
                inOwnStatistics = tables.stream().anyMatch(each -> statement.endsWith(" FROM " + each + ";"));
            }
            if (inOwnStatistics) {
                statistics.add(statement);
            }
        }
        if (entry.equals("FK CONSTRAINT")) {
            Matcher constrained = CONSTRAINED.matcher(statement);
            if (constrained.matches() && tables.contains(constrained.group(1))) {
                foreignKeys.add(statement.replaceAll("\\s+", " "));
            }
        }
        return !LEFT_OUT.contains(entry) && !LARGE_OBJECT.matcher(statement).matches();
    }

    /** The statements that make extended statistics on the tables. */
    List<String> statistics() {
        return statistics;
    }

    /** The statements, each on one line, that make the foreign keys of the tables; none of them was passed. */
    List<String> foreignKeys() {
        return foreignKeys;
    }
}
