package cloud.lvs.backup.provider.postgres.load;

import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Ownership;
import cloud.lvs.backup.provider.postgres.dump.DatabaseStatement;
import cloud.lvs.backup.provider.postgres.dump.SettingNames;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which statements of a script are left out when it is loaded: what is said of the database itself, for its name may differ,
 * settings that the server does not know, owners and privileges if they are not wanted, and what would start a subscription.
 */
public record StatementFilter(Ownership ownership, Set<String> unknownSettings) {
    private static final Pattern OF_ROLES = Pattern.compile(
            "(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION AUTHORIZATION|RESET SESSION AUTHORIZATION)\\b.*"
                    + "|ALTER .* OWNER TO (?:\"(?:[^\"]|\"\")+\"|\\S+);",
            Pattern.DOTALL);
    private static final Pattern STARTS_SUBSCRIPTION =
            Pattern.compile("ALTER SUBSCRIPTION .* ENABLE\\s*;", Pattern.DOTALL);

    /** None of those that {@code pg_dump} writes is as long. */
    private static final int LONGEST = 1 << 16;

    public StatementFilter {
        unknownSettings = Set.copyOf(unknownSettings);
    }

    public boolean leavesOut(String statement) {
        if (statement.length() > LONGEST) {
            return false;
        }
        return DatabaseStatement.of(statement).isPresent()
                || SettingNames.setBy(statement)
                        .filter(unknownSettings::contains)
                        .isPresent()
                || (ownership == Ownership.IGNORE && OF_ROLES.matcher(statement).matches())
                || STARTS_SUBSCRIPTION.matcher(statement).matches();
    }
}
