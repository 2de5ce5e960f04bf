package cloud.lvs.backup.provider.postgres.dump;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the comment before the statements of a dump says they are about.
 *
 * @param name e.g. {@code acc acc_pkey} for a constraint of a table
 * @param type e.g. {@code CONSTRAINT}
 * @param schema {@code -} if it is in none
 */
public record DumpEntry(String name, String type, String schema) {
    private static final Pattern FORM = Pattern.compile(
            "-- (?:Data for )?(?:Statistics for )?Name: (.*); Type: ([A-Z ]+); Schema: (.*?); Owner: .*",
            Pattern.DOTALL);

    private static final Map<String, String> KINDS = Map.of(
            "TABLE DATA", "rows of table",
            "MATERIALIZED VIEW DATA", "rows of materialized view",
            "FK CONSTRAINT", "foreign key",
            "ACL", "privileges on",
            "DEFAULT ACL", "default privileges",
            "COMMENT", "comment on",
            "BLOB", "large object",
            "BLOBS", "large objects",
            "SEQUENCE SET", "value of sequence",
            "TABLE ATTACH", "attachment of partition");

    /** The entry that a comment begins, if it begins one. */
    public static Optional<DumpEntry> of(String comment) {
        Matcher matcher = FORM.matcher(comment.stripTrailing());
        return matcher.matches()
                ? Optional.of(new DumpEntry(matcher.group(1), matcher.group(2), matcher.group(3)))
                : Optional.empty();
    }

    /** For people, e.g. {@code index public.acc_u}. */
    public String described() {
        String kind = KINDS.getOrDefault(type, type.toLowerCase(Locale.ROOT));
        return kind + " " + (schema.equals("-") ? "" : schema + ".") + name;
    }
}
