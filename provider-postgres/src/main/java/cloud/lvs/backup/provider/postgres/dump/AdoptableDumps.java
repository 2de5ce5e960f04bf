package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.spi.Adoptable;
import java.util.List;
import java.util.regex.Pattern;

/** What a CronJob of {@code pg_dumpall | gzip} left. */
public final class AdoptableDumps {
    private static final Pattern KEY =
            Pattern.compile("\\d{4}/\\d{2}/pgdumpall-(?<timestamp>\\d{8}T\\d{6}Z)\\.sql\\.gz");

    private AdoptableDumps() {}

    public static List<Adoptable> adoptable() {
        return List.of(new Adoptable(
                "pg_dumpall CronJob",
                List.of(new Adoptable.Member(
                        ItemNames.CLUSTER,
                        ArtifactRoles.CLUSTER,
                        KEY,
                        List.of("gzip"),
                        Adoptable.Presence.REQUIRED,
                        "| psql -X -d postgres"))));
    }
}
