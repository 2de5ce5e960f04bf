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

    /** How the work of a process ended. */
    enum Way {
        DONE,
        FAILED
    }

    /**
     * The end of the work of a process.
     *
     * @param text for people
     */
    record Ending(Way way, String text, List<Claim> claims) {
        static final Ending NONE = new Ending(Way.FAILED, "did not end", List.of());

        Ending {
            claims = List.copyOf(claims);
        }
    }
}
