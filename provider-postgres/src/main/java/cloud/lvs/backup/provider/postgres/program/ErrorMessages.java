package cloud.lvs.backup.provider.postgres.program;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What the programs of PostgreSQL say on standard error, and what to do about it. */
public final class ErrorMessages {
    private static final Pattern PREFIX =
            Pattern.compile("^(?:pg_restore|psql|initdb|pg_dump)(?::[^:]*:\\d+)?: (?:error: )?");

    private static final List<Map.Entry<Pattern, String>> REMEDIES = List.of(
            remedy(
                    "role \"[^\"]*\" does not exist",
                    "restore the roles too (--item cluster), or create them on the target; --set ownership=ignore does"
                            + " without owners and privileges, but not without the roles of policies and user mappings"),
            remedy(
                    "could not open extension control file|extension \"[^\"]*\" is not available",
                    "install the package of that extension on the target"),
            remedy(
                    "extension \"[^\"]*\" has no (?:installation script|update path)",
                    "install the version of that extension that the source has on the target"),
            remedy(
                    "encoding .* does not match locale|invalid locale name|invalid LC_|new (?:encoding|collation)",
                    "make that locale on the target's host, or restore to a server that has it"),
            remedy(
                    "shared_preload_libraries|must be preloaded",
                    "add that library to shared_preload_libraries of the target and restart it"),
            remedy(
                    "violates foreign key constraint",
                    "the data of the source was inconsistent: repair the rows there, or restore table by table"),
            remedy(
                    "must be (?:superuser|member of role|owner of|able to SET ROLE)|permission denied",
                    "restore as a superuser, or with --set ownership=ignore"),
            remedy(
                    "unrecognized configuration parameter",
                    "restore with programs not newer than the target server, or to a newer server"),
            remedy(
                    "invalid command \\\\restrict|backslash commands are restricted",
                    "install psql of 14.19, 15.14, 16.10, 17.6 or later"),
            remedy("max_locks_per_transaction", "raise max_locks_per_transaction on the target"),
            remedy(
                    "too many clients already|too many connections for|remaining connection slots",
                    "raise max_connections of the target or the role's CONNECTION LIMIT, or restore with a smaller"
                            + " parallelism or jobs"),
            remedy("No space left on device", "free some space where the target keeps its data"),
            remedy(
                    "server closed the connection|connection to server was lost|terminating connection",
                    "see the server's log for why it broke off, then restore again"),
            remedy("unsupported version", "install a pg_restore at least as new as the pg_dump that made the backup"),
            remedy("is being accessed by other users", "end the sessions in that database, then restore again"));

    /** What a server says of itself, not of a statement. */
    private static final Pattern OF_SERVER = Pattern.compile("FATAL:|PANIC:|No space left on device|out of memory"
            + "|server closed the connection|connection to server|terminating connection|max_locks_per_transaction"
            + "|too many clients already|too many connections for|remaining connection slots|could not write to file");

    private static final Pattern LACKS = Pattern.compile("shared_preload_libraries|must be preloaded"
            + "|could not open extension control file|extension \"[^\"]*\" is not available|could not access file"
            + "|invalid locale name|could not create locale|ICU is not supported|has no installation script");
    private static final Pattern LOST = Pattern.compile("FATAL:|PANIC:|server closed the connection"
            + "|connection to server|terminating connection|I/O error occurred|This connection has been closed");

    private ErrorMessages() {}

    private static Map.Entry<Pattern, String> remedy(String pattern, String remedy) {
        return Map.entry(Pattern.compile(pattern), remedy);
    }

    /** The first error, without the name of the program; never a statement, which could hold data. */
    public static String first(String errors) {
        String fallback = "it said nothing";
        for (String line : errors.lines().toList()) {
            if (line.contains("error:") || line.contains("ERROR:") || line.contains("FATAL:")) {
                return PREFIX.matcher(line).replaceFirst("");
            }
            if (!line.isBlank()) {
                fallback = line;
            }
        }
        return fallback;
    }

    /** Whether a message is the refusal of a statement, so that others may do. */
    public static boolean isOfStatement(String message) {
        return message.contains("ERROR:") && !OF_SERVER.matcher(message).find();
    }

    /** Whether a message tells of what its host or its configuration does not have. */
    public static boolean isOfWhatTheServerLacks(String message) {
        return LACKS.matcher(message).find();
    }

    /** Whether a message tells that the session broke off, as all others may have. */
    public static boolean isLostConnection(String message) {
        return LOST.matcher(message).find();
    }

    /** What to do about it. */
    public static String remedy(String errors) {
        return REMEDIES.stream()
                .filter(each -> each.getKey().matcher(errors).find())
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("mend that on the target, then restore again");
    }
}
