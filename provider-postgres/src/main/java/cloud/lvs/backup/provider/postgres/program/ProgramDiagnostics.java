package cloud.lvs.backup.provider.postgres.program;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.server.Quoting;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a program of PostgreSQL wrote to standard error, by the grammar of its messages: {@code prog: error: text}, then
 * {@code prog: detail: text} and what the server said.
 *
 * @param errors each with its details
 * @param warnings each with its details
 */
public record ProgramDiagnostics(List<String> errors, List<String> warnings) {
    /** Whether trying again at once may help. */
    public enum FailureKind {
        PERMANENT,
        /** Somebody else's lock, or a server that is just starting. */
        TRANSIENT
    }

    private static final int LONGEST = 600;

    public ProgramDiagnostics {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    public static ProgramDiagnostics of(String program, String text) {
        List<StringBuilder> errors = new ArrayList<>();
        List<StringBuilder> warnings = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        for (String line : text.lines().toList()) {
            Optional<String> error = after(line, program, "error: ");
            Optional<String> warning = after(line, program, "warning: ");
            if (error.isPresent()) {
                current = new StringBuilder(error.get());
                errors.add(current);
            } else if (warning.isPresent()) {
                current = new StringBuilder(warning.get());
                warnings.add(current);
            } else if (!line.isBlank() && current.length() < LONGEST) {
                String rest = after(line, program, "detail: ")
                        .or(() -> after(line, program, "hint: "))
                        .orElse(line.strip());
                current.append(current.isEmpty() ? "" : " ").append(rest);
            }
        }
        if (errors.isEmpty() && warnings.isEmpty() && !current.isEmpty()) {
            // Not the grammar we know (a shell, a loader): still the reason, if there was a failure.
            return new ProgramDiagnostics(List.of(), List.of(shortened(current)));
        }
        return new ProgramDiagnostics(
                errors.stream().map(ProgramDiagnostics::shortened).toList(),
                warnings.stream().map(ProgramDiagnostics::shortened).toList());
    }

    private static Optional<String> after(String line, String program, String mark) {
        // pg_dumpall passes on what its pg_dump says, under that name.
        for (String name : List.of(program, Programs.PG_DUMP)) {
            String prefix = name + ": " + mark;
            if (line.startsWith(prefix)) {
                return Optional.of(line.substring(prefix.length()).strip());
            }
        }
        return Optional.empty();
    }

    private static String shortened(CharSequence text) {
        // pg_dump ends with the statement it was at, and messages go on after it.
        String all = text.toString().replaceAll("\\s+", " ").replaceFirst(";$", "");
        return all.length() <= LONGEST ? all : all.substring(0, LONGEST) + " …";
    }

    /** Everything that was said, for a message. */
    public String summary() {
        List<String> all = errors.isEmpty() ? warnings : errors;
        return all.isEmpty() ? "it said nothing" : all.stream().limit(3).collect(Collectors.joining("; "));
    }

    /** Whether some message holds this. */
    private boolean says(String text) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return errors.stream().anyMatch(each -> each.toLowerCase(Locale.ROOT).contains(wanted))
                || warnings.stream()
                        .anyMatch(each -> each.toLowerCase(Locale.ROOT).contains(wanted));
    }

    public boolean lacksSubscriptions() {
        return warnings.stream().anyMatch(each -> each.contains("subscriptions not dumped"));
    }

    public FailureKind failureKind() {
        boolean isTransient = isLockTimeout()
                || says("the database system is starting up")
                || says("the database system is not yet accepting connections")
                || says("remaining connection slots")
                || says("too many clients already")
                || says("too many connections for");
        return isTransient ? FailureKind.TRANSIENT : FailureKind.PERMANENT;
    }

    private boolean isLockTimeout() {
        return says("due to lock timeout")
                || says("due to user request")
                || (says("LOCK TABLE") && says("due to statement timeout"));
    }

    /** What to do about it. */
    public String remedy(PostgresConfig config) {
        String role = Quoting.identifier(config.user());
        if (isLockTimeout()) {
            return "end who holds that lock (pg_locks, pg_blocking_pids), or raise lockWaitTimeout";
        }
        if (says("conflict with recovery")) {
            return "on the standby set hot_standby_feedback = on or raise max_standby_streaming_delay, or back up the"
                    + " primary";
        }
        if (says("invalid snapshot identifier")) {
            return "see the server's log for who ended the session that held the snapshot; on a standby set"
                    + " hot_standby_feedback = on or raise max_standby_streaming_delay";
        }
        if (says("row-level security")) {
            return "ALTER ROLE " + role + " BYPASSRLS;";
        }
        if (says("permission denied for large object")) {
            return "ALTER ROLE " + role + " SET lo_compat_privileges = on; (as a superuser)";
        }
        if (says("permission denied for table pg_authid")) {
            return "GRANT pg_read_all_data TO " + role + "; or set rolePasswords: false";
        }
        if (says("CONNECT privilege")) {
            return "GRANT CONNECT ON that database TO " + role + ";";
        }
        if (says("permission denied")) {
            return "GRANT pg_read_all_data TO " + role + ";";
        }
        if (says("server version mismatch")) {
            return "install the client package of the server's version";
        }
        if (says("password authentication failed") || says("no password supplied")) {
            return "compare password or passwordFile with the role's password";
        }
        if (says("could not load library") || says("undefined symbol")) {
            return "restart the server: its package was upgraded under it";
        }
        if (says("remaining connection slots")
                || says("too many clients already")
                || says("too many connections for")) {
            return "lower parallelism, or raise max_connections or the role's CONNECTION LIMIT";
        }
        if (says("No space left on device")) {
            return "free space on the server's disk";
        }
        if (says("terminating connection") || says("server closed the connection")) {
            return "see the server's log for who ended the connection";
        }
        return "see the server's log";
    }
}
