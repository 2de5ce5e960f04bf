package cloud.lvs.backup.provider.postgres.restore;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.OnError;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Ownership;
import cloud.lvs.backup.provider.postgres.dump.DatabaseStatement;
import cloud.lvs.backup.provider.postgres.program.RestorePrograms;
import cloud.lvs.backup.provider.postgres.restore.RestoreBehavior.Purpose;
import cloud.lvs.backup.provider.postgres.restore.RestorePlan.Database;
import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import cloud.lvs.backup.provider.postgres.server.PostgresVersion;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds out before anything is touched whether a server can take what is restored, and whether it may. */
final class TargetPreflight {
    private static final Pattern LOCALE = Pattern.compile(" (?:LOCALE|LC_COLLATE|LC_CTYPE) = '((?:[^']|'')*)'");
    /** {@code undefined_file}: what a missing directory or locale is told as. */
    private static final String UNDEFINED_FILE = "58P01";

    private final Manifest manifest;
    private final RestorePlan plan;
    private final PostgresRestoreOptions options;
    private final RestoreBehavior behavior;
    private final RunContext run;

    TargetPreflight(
            Manifest manifest,
            RestorePlan plan,
            PostgresRestoreOptions options,
            RestoreBehavior behavior,
            RunContext run) {
        this.manifest = manifest;
        this.plan = plan;
        this.options = options;
        this.behavior = behavior;
        this.run = run;
    }

    /**
     * What was found.
     *
     * @param databases those that exist, by name
     * @param full the names of those that are to be restored, exist and hold something
     * @param unknownSettings those that the dumps set and the server does not know
     * @param lacks what the server lacks nevertheless: statements will fail for it
     */
    record Found(
            Map<String, DatabaseRow> databases, Set<String> full, Set<String> unknownSettings, List<String> lacks) {}

    /** @throws BackupException of kind {@code CONFIG} if the server does not fit or may not be used */
    Found check(TargetServer target) throws BackupException, InterruptedException, SQLException {
        String endpoint = target.server().endpoint().toString();
        checkIdentity(target, endpoint);
        Map<String, DatabaseRow> databases = target.databases();
        Map<String, List<String>> full = new TreeMap<>();
        for (Database database : plan.databases()) {
            run.checkpoint();
            DatabaseRow existing = databases.get(database.name());
            List<String> contents = existing == null ? List.of() : target.contents(existing);
            if (!contents.isEmpty()) {
                full.put(database.name(), contents);
            }
        }
        if (!full.isEmpty() && behavior.consent() == Consent.NOT_GIVEN) {
            boolean mayProceed = behavior.purpose() == Purpose.IN_PLACE && behavior.mode() == Mode.DRY_RUN;
            if (!mayProceed) {
                throw refused(
                        endpoint,
                        "has databases with something in them: "
                                + full.entrySet().stream()
                                        .map(each -> each.getKey() + " (" + String.join(", ", each.getValue()) + ")")
                                        .collect(Collectors.joining(", ")),
                        "restore to another server, one database under another name (--item, --set as=NAME), or give"
                                + " your consent (--yes): what is there is then kept under another name");
            }
        }
        List<String> problems = new ArrayList<>();
        checkRights(target, problems);
        List<String> ofDatabases = new ArrayList<>();
        checkExtensions(target, ofDatabases);
        checkRoles(target, ofDatabases);
        checkTablespaces(target, ofDatabases);
        checkLocales(target, ofDatabases);
        boolean forgiving = options.onError() == OnError.CONTINUE && behavior.purpose() != Purpose.REHEARSAL;
        if (!forgiving) {
            problems.addAll(ofDatabases);
        }
        if (!problems.isEmpty()) {
            throw refused(
                    endpoint,
                    "cannot take this: " + String.join("; ", problems),
                    "mend that, then restore again"
                            + (ofDatabases.isEmpty() || forgiving
                                    ? ""
                                    : ", choose other databases with --item, or restore without what fails for it with"
                                            + " --set onError=continue"));
        }
        return new Found(
                databases, full.keySet(), target.unknownSettings(plan.settings()), forgiving ? ofDatabases : List.of());
    }

    private static BackupException refused(String target, String problem, String remedy) {
        return new BackupException(Kind.CONFIG, target, problem, remedy + "; nothing was touched");
    }

    private void checkIdentity(TargetServer target, String endpoint) throws SQLException, BackupException {
        if (target.isStandby()) {
            throw refused(endpoint, "is a standby, which takes no writes", "restore to its primary");
        }
        Optional<String> here = target.systemIdentifier();
        String source = manifest.source().get("systemIdentifier");
        boolean same = source != null && here.isPresent() && here.get().equals(source);
        if (same && behavior.purpose() != Purpose.IN_PLACE) {
            throw refused(
                    endpoint,
                    "is the very server that the backup is of",
                    behavior.purpose() == Purpose.PLACE
                            ? "if you mean it, restore in place (--in-place --yes)"
                            : "name another server with --set server=URL, or none");
        }
        if (source != null && here.isPresent() && !same && behavior.purpose() == Purpose.IN_PLACE) {
            throw refused(
                    endpoint,
                    "is another server than the one the backup is of",
                    "restore to it as to a place of your choice (--to URL)");
        }
        int wanted = RestorePrograms.majorOf(manifest.source().getOrDefault("serverVersion", ""));
        String number = manifest.source().get("serverVersionNum");
        if (number != null && number.matches("\\d{5,7}")) {
            wanted = Integer.parseInt(number) / 10_000;
        }
        PostgresVersion version = target.version();
        if (version.major() < wanted) {
            throw refused(
                    endpoint,
                    "is of version " + version + ", older than " + wanted + ", which the backup is of",
                    "restore to a server of version " + wanted + " or later");
        }
    }

    private void checkRights(TargetServer target, List<String> problems) throws SQLException {
        String role = target.server().endpoint().user();
        if (!target.maySetUpDatabases()) {
            problems.add("role " + role + " may not create databases (use --set user=… and passwordFile=… of a"
                    + " superuser, or ALTER ROLE " + Quoting.identifier(role) + " CREATEDB)");
        } else if (!target.isSuperuser() && plan.globals().isPresent()) {
            problems.add("role " + role + " is no superuser, which it takes to restore roles (choose databases with"
                    + " --item, and --set ownership=ignore)");
        }
    }

    private void checkExtensions(TargetServer target, List<String> problems) throws SQLException {
        Set<String> available = target.availableExtensions();
        for (Database database : plan.databases()) {
            Set<String> missing = new TreeSet<>(database.scan().extensions());
            missing.removeAll(available);
            if (!missing.isEmpty()) {
                problems.add("database '" + database.original() + "' needs the extensions " + String.join(", ", missing)
                        + " (install their packages on the target)");
            }
        }
    }

    private void checkRoles(TargetServer target, List<String> problems) throws SQLException {
        Set<String> known = target.roles();
        known.addAll(Set.of("CURRENT_USER", "SESSION_USER"));
        plan.globals().ifPresent(globals -> known.addAll(globals.roles()));
        Set<String> indispensable = new TreeSet<>();
        plan.databases()
                .forEach(database -> indispensable.addAll(database.scan().indispensableRoles()));
        indispensable.removeAll(known);
        Set<String> missing = new TreeSet<>(indispensable);
        if (options.ownership() == Ownership.KEEP) {
            plan.databases().forEach(database -> missing.addAll(database.scan().roles()));
            missing.removeAll(known);
        }
        if (missing.isEmpty()) {
            return;
        }
        if (options.ownership() == Ownership.IGNORE) {
            problems.add("roles are missing that policies or user mappings are for: " + String.join(", ", missing)
                    + " (create them on the target, or restore the roles too with --item cluster)");
        } else {
            problems.add("roles are missing: " + String.join(", ", missing)
                    + " (restore them too with --item cluster, or use --set ownership=ignore"
                    + (indispensable.isEmpty()
                            ? ""
                            : " and create those that policies or user mappings are for: "
                                    + String.join(", ", indispensable))
                    + ")");
        }
    }

    private void checkTablespaces(TargetServer target, List<String> problems) throws SQLException {
        Set<String> known = target.tablespaces();
        if (plan.globals().isPresent()) {
            boolean superuser = target.isSuperuser();
            for (Globals.Tablespace tablespace : plan.globals().get().tablespaces()) {
                if (known.add(tablespace.name()) && superuser && behavior.purpose() != Purpose.REHEARSAL) {
                    checkDirectory(target, tablespace, problems);
                }
            }
        }
        for (Database database : plan.databases()) {
            Set<String> missing = new TreeSet<>(database.scan().tablespaces());
            missing.removeAll(known);
            if (!missing.isEmpty()) {
                problems.add(
                        "database '" + database.original() + "' needs the tablespaces " + String.join(", ", missing)
                                + " (make them on the target, or restore them too with --item cluster)");
            }
        }
    }

    private static void checkDirectory(TargetServer target, Globals.Tablespace tablespace, List<String> problems)
            throws SQLException {
        String remedy =
                " (on the target's host make it, empty and owned by the user of the server, or make a tablespace"
                        + " of that name elsewhere)";
        if (tablespace.location().isEmpty()) {
            return;
        }
        try {
            List<String> inside = target.column("SELECT pg_catalog.pg_ls_dir(?)", tablespace.location());
            if (!inside.isEmpty()) {
                problems.add("the directory " + tablespace.location() + " of tablespace " + tablespace.name()
                        + " is not empty" + remedy);
            }
        } catch (SQLException e) {
            if (!UNDEFINED_FILE.equals(e.getSQLState()) && !"42501".equals(e.getSQLState())) {
                throw e;
            }
            problems.add("the directory " + tablespace.location() + " of tablespace " + tablespace.name()
                    + " is missing or closed to the server" + remedy);
        }
    }

    private void checkLocales(TargetServer target, List<String> problems) throws SQLException {
        Set<String> locales = new TreeSet<>();
        for (Database database : plan.databases()) {
            for (DatabaseStatement statement : database.scan().creation()) {
                Matcher matcher = LOCALE.matcher(statement.after());
                while (statement.creates() && matcher.find()) {
                    locales.add(matcher.group(1).replace("''", "'"));
                }
            }
        }
        locales.removeAll(Set.of("C", "POSIX"));
        for (String locale : locales) {
            if (!hasLocale(target, locale)) {
                problems.add("the locale " + locale + " is missing (make it on the target's host, e.g. with localedef,"
                        + " and start the server anew)");
            }
        }
    }

    /** Tries to make a collation of it: nothing else asks the server's operating system. */
    private static boolean hasLocale(TargetServer target, String locale) throws SQLException {
        target.connection().setAutoCommit(false);
        try {
            target.execute("CREATE COLLATION pg_temp.lvs_backup_probe (provider = libc, locale = "
                    + Quoting.literal(locale) + ")");
            return true;
        } catch (SQLException e) {
            return !String.valueOf(e.getMessage()).contains("could not create locale");
        } finally {
            target.connection().rollback();
            target.connection().setAutoCommit(true);
        }
    }
}
