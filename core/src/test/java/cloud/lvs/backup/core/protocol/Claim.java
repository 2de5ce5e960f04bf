package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.spi.BackupId;
import java.util.List;

/** What a process said, in the end, about a backup in a depot. */
record Claim(String depot, BackupId backup, About about) {
    /** What it said. */
    enum About {
        WHOLE,
        HELD
    }

    /**
     * How the work of a process ended.
     *
     * @param text for people
     */
    record Ending(String text, List<Claim> claims) {
        static final Ending NONE = new Ending("did not end", List.of());

        Ending {
            claims = List.copyOf(claims);
        }
    }
}
