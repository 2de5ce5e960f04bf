package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the script of one database says, learnt token by token: whether it is whole, what the database is, what a server needs
 * to take it, and how many rows each table gets. Holds names, no rows.
 */
public final class DumpScan {
    static final String COMPLETE = "-- PostgreSQL database dump complete";

    /** What pg_dump writes for psql; anything else could run programs on the machine that restores. */
    private static final Pattern OWN_COMMAND =
            Pattern.compile("\\\\(?:(?:un)?restrict [A-Za-z0-9]+|encoding [A-Za-z0-9_]+)");

    private static final Pattern ENTRY = Pattern.compile("-- .*; Type: ([A-Z ]+); Schema: .*", Pattern.DOTALL);
    private static final Pattern ATTACH = Pattern.compile(
            "ALTER TABLE ONLY ((?:\"(?:[^\"]|\"\")+\"|[^\\s\"])+) ATTACH PARTITION ((?:\"(?:[^\"]|\"\")+\"|[^\\s\"])+) .*",
            Pattern.DOTALL);
    private static final Pattern CREATE_TABLE = Pattern.compile(
            "CREATE (?:UNLOGGED |FOREIGN )?TABLE ((?:\"(?:[^\"]|\"\")+\"|[^\\s\"(])+) .*", Pattern.DOTALL);
    private static final Pattern EXTENSION =
            Pattern.compile("CREATE EXTENSION IF NOT EXISTS (\"(?:[^\"]|\"\")+\"|\\S+) WITH SCHEMA .*", Pattern.DOTALL);
    private static final Pattern OWNER =
            Pattern.compile("ALTER .* OWNER TO (\"(?:[^\"]|\"\")+\"|\\S+);", Pattern.DOTALL);
    private static final Pattern GRANTEE =
            Pattern.compile("GRANT .* TO (\"(?:[^\"]|\"\")+\"|[^\\s\"]+)(?: WITH GRANT OPTION)?;", Pattern.DOTALL);
    private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[^\\s\",.;]+)";
    private static final Pattern POLICY = Pattern.compile(
            "CREATE POLICY " + NAME + " ON " + NAME + "(?:\\." + NAME + ")?(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)? TO ("
                    + NAME + "(?:, " + NAME + ")*)(?: USING \\(.*| WITH CHECK \\(.*|;)",
            Pattern.DOTALL);
    private static final Pattern USER_MAPPING =
            Pattern.compile("CREATE USER MAPPING FOR (" + NAME + ") SERVER .*", Pattern.DOTALL);
    private static final Pattern EACH_NAME = Pattern.compile(NAME);
    private static final Pattern TABLESPACE =
            Pattern.compile("SET default_tablespace = ('?)(\"(?:[^\"]|\"\")+\"|[^';]*)\\1;");
    private static final Pattern COPY =
            Pattern.compile("COPY ((?:\"(?:[^\"]|\"\")+\"|[^\\s\"(])+) .*FROM stdin;\\s*", Pattern.DOTALL);

    private @Nullable String database;
    private final List<DatabaseStatement> creation = new ArrayList<>();
    private final List<String> properties = new ArrayList<>();
    private final Set<String> extensions = new TreeSet<>();
    private final Set<String> roles = new TreeSet<>();
    private final Set<String> indispensableRoles = new TreeSet<>();
    private final Set<String> tablespaces = new TreeSet<>();
    private final Map<String, Long> rows = new LinkedHashMap<>();
    private final Set<String> tableNames = new TreeSet<>();
    private final Map<String, Set<String>> partitions = new HashMap<>();
    private @Nullable String copyTo;
    private int tables;
    private @Nullable String session;

    private final Set<String> settings = new TreeSet<>();
    private @Nullable String foreignCommand;
    private @Nullable String restrictKey;
    private boolean complete;
    private boolean unrestricted = true;

    /** Learns from a token. */
    void accept(Token token, ScriptReader script) throws IOException {
        switch (token) {
            case COMMENT -> comment(script.text().stripTrailing());
            case META_COMMAND -> command(script.text().stripTrailing());
            case STATEMENT -> {
                complete = false;
                statement(script.text());
            }
            case ROWS_END -> {
                if (copyTo != null) {
                    rows.merge(copyTo, script.rowCount(), Long::sum);
                }
            }
            case BLANK, ROWS, END -> {}
        }
    }

    private void comment(String line) {
        if (line.equals(COMPLETE)) {
            complete = true;
            return;
        }
        Matcher entry = ENTRY.matcher(line);
        if (entry.matches() && entry.group(1).equals("TABLE")) {
            tables++;
        }
    }

    private void command(String line) {
        Optional<String> connected = DatabaseStatement.connectsTo(line);
        if (connected.isEmpty() && !OWN_COMMAND.matcher(line).matches()) {
            foreignCommand = line.split("\\s", 2)[0];
        }
        if (line.startsWith("\\restrict ")) {
            restrictKey = line.substring("\\restrict ".length());
            unrestricted = false;
            complete = false;
        } else if (line.startsWith("\\unrestrict ")) {
            unrestricted = line.substring("\\unrestrict ".length()).equals(restrictKey);
        } else {
            complete = false;
            connected.ifPresent(name -> database = name);
        }
    }

    /** Learns from a statement about the database that stands elsewhere than in its dump. */
    void statement(String statement) {
        Matcher matcher;
        SettingNames.setBy(statement).ifPresent(settings::add);
        Optional<DatabaseStatement> about = DatabaseStatement.of(statement);
        if (about.isPresent()) {
            database = about.get().database();
            if (about.get().creates() || about.get().setsOwner()) {
                creation.add(about.get());
            } else if (about.get().isGrant() && session != null) {
                // A privilege granted by somebody else than the owner.
                properties.addAll(List.of(session, statement, "RESET SESSION AUTHORIZATION;"));
            } else {
                properties.add(statement);
            }
        } else if (statement.startsWith("SET SESSION AUTHORIZATION ")) {
            session = statement.endsWith(" DEFAULT;") ? null : statement;
        } else if (statement.startsWith("RESET SESSION AUTHORIZATION")) {
            session = null;
        } else if (statement.startsWith("COPY ") && (matcher = COPY.matcher(statement)).matches()) {
            copyTo = matcher.group(1);
        } else if (statement.startsWith("CREATE ") && (matcher = CREATE_TABLE.matcher(statement)).matches()) {
            tableNames.add(matcher.group(1));
        } else if (statement.startsWith("ALTER TABLE ONLY ") && (matcher = ATTACH.matcher(statement)).matches()) {
            partitions
                    .computeIfAbsent(matcher.group(1), parent -> new TreeSet<>())
                    .add(matcher.group(2));
        } else if ((matcher = EXTENSION.matcher(statement)).matches()) {
            extensions.add(DatabaseStatement.unquoted(matcher.group(1)));
        } else if ((matcher = TABLESPACE.matcher(statement)).matches()) {
            String name = DatabaseStatement.unquoted(matcher.group(2));
            if (!name.isEmpty()) {
                tablespaces.add(name);
            }
        }
        if (statement.length() < 4096) {
            for (Pattern pattern : List.of(OWNER, GRANTEE)) {
                matcher = pattern.matcher(statement);
                if (matcher.matches() && !matcher.group(1).equals("PUBLIC")) {
                    roles.add(DatabaseStatement.unquoted(matcher.group(1)));
                }
            }
        }
        for (Pattern pattern : List.of(POLICY, USER_MAPPING)) {
            matcher = pattern.matcher(statement);
            if (matcher.matches()) {
                addIndispensable(matcher.group(1));
            }
        }
    }

    private void addIndispensable(String names) {
        Matcher each = EACH_NAME.matcher(names);
        while (each.find()) {
            String role = DatabaseStatement.unquoted(each.group());
            if (!role.equalsIgnoreCase("PUBLIC")) {
                indispensableRoles.add(role);
            }
        }
    }

    /** Why the script is not a whole dump; empty if it is. */
    Optional<String> flaw() {
        if (foreignCommand != null) {
            return Optional.of("holds the command " + foreignCommand + " to psql, which no dump has");
        }
        if (!complete) {
            return Optional.of("does not end as a dump does ('" + COMPLETE + "')");
        }
        if (!unrestricted) {
            return Optional.of("does not end with the \\unrestrict that belongs to its \\restrict");
        }
        return Optional.empty();
    }

    /** The name of the database, if the script says it. */
    Optional<String> database() {
        return Optional.ofNullable(database);
    }

    /** {@code CREATE DATABASE} and what sets the owner; empty for a script that goes into an existing database. */
    public List<DatabaseStatement> creation() {
        return creation;
    }

    /** What else is said of the database, in order: settings, privileges, comment. */
    public List<String> properties() {
        return properties;
    }

    public Set<String> extensions() {
        return extensions;
    }

    /** The roles that own something or may do something. */
    public Set<String> roles() {
        return roles;
    }

    /** The roles that policies and user mappings are for: there is no restoring these without them. */
    public Set<String> indispensableRoles() {
        return indispensableRoles;
    }

    public Set<String> tablespaces() {
        return tablespaces;
    }

    /** The settings that its dump sets, for the session or for later ones. */
    public Set<String> settings() {
        return settings;
    }

    /** How many rows are copied into each table, by its name as SQL spells it. */
    public Map<String, Long> rows() {
        return rows;
    }

    /** How many tables are defined, partitioned ones included. */
    public int tables() {
        return tables;
    }

    /** The tables that are defined, as SQL spells them. */
    public Set<String> tableNames() {
        return tableNames;
    }

    /** A table and the partitions below it, as SQL spells them. */
    public Set<String> withPartitions(String table) {
        Set<String> all = new LinkedHashSet<>(Set.of(table));
        partitions.getOrDefault(table, Set.of()).forEach(partition -> all.addAll(withPartitions(partition)));
        return all;
    }

    /** Adds what another part of the same database's dump says. */
    public void add(DumpScan part) {
        if (database == null) {
            database = part.database;
        }
        if (creation.isEmpty()) {
            creation.addAll(part.creation);
            properties.addAll(part.properties);
        }
        extensions.addAll(part.extensions);
        roles.addAll(part.roles);
        indispensableRoles.addAll(part.indispensableRoles);
        tablespaces.addAll(part.tablespaces);
        settings.addAll(part.settings);
        part.rows.forEach((table, count) -> rows.merge(table, count, Long::sum));
        tables += part.tables;
        tableNames.addAll(part.tableNames);
        part.partitions.forEach((parent, children) ->
                partitions.computeIfAbsent(parent, each -> new TreeSet<>()).addAll(children));
    }
}
