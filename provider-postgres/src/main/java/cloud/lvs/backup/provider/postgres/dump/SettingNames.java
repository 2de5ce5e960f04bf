package cloud.lvs.backup.provider.postgres.dump;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings that statements of a dump set: of the session, or of a role or database. */
public final class SettingNames {
    private static final String NAME = "(?:\"(?:[^\"]|\"\")+\"|[^\\s;\"]+)";
    private static final Pattern SETS = Pattern.compile("(?:ALTER (?:ROLE|DATABASE) " + NAME + "(?: IN DATABASE " + NAME
            + ")? )?SET (\"(?:[^\"]|\"\")+\"|[\\w.]+) ?(?:TO|=) ?");

    private SettingNames() {}

    /** The setting that a statement sets, if it is one that does. */
    public static Optional<String> setBy(String statement) {
        Matcher matcher = SETS.matcher(statement);
        return matcher.lookingAt() ? Optional.of(DatabaseStatement.unquoted(matcher.group(1))) : Optional.empty();
    }
}
