package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One of the artifacts that a database is dumped to.
 *
 * @param role of the artifact
 * @param stemSuffix what its stem has after that of the database
 * @param section of the dump, as {@code --section} says it, or {@code all}
 * @param place among the parts, from 0
 */
record DumpPart(String role, String stemSuffix, String section, int place) {
    static final String WHOLE_ROLE = "pg-database";

    /** A database in one piece. */
    static final DumpPart WHOLE = new DumpPart(WHOLE_ROLE, "", "all", 0);

    static DumpPart preData() {
        return new DumpPart("pg-pre-data", ".pre-data", "pre-data", 0);
    }

    /** @param number from 1 */
    static DumpPart data(int number) {
        return new DumpPart("pg-data-" + number, String.format(Locale.ROOT, ".data-%02d", number), "data", number);
    }

    static DumpPart postData(int parts) {
        return new DumpPart("pg-post-data", ".post-data", "post-data", parts + 1);
    }

    /** Whether it holds rows of tables in a group of their own. */
    boolean isGroup() {
        return section.equals("data") && place > 1;
    }

    List<String> sectionArguments() {
        return section.equals("all") ? List.of() : List.of("--section=" + section);
    }

    Map<String, String> facts(PostgresConfig.Format format) {
        return Map.of("format", format.name().toLowerCase(Locale.ROOT), "section", section);
    }
}
