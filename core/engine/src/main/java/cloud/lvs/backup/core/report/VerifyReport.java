package cloud.lvs.backup.core.report;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Verification;
import java.util.List;

/**
 * What a verification found.
 *
 * @param id the backup
 * @param level how deep it went
 * @param verification the checks
 * @param warnings what else to know, e.g. that the result could not be recorded
 */
public record VerifyReport(BackupId id, Level level, Verification verification, List<String> warnings) {
    /** The detail of a failed check, or its beginning, if the source added none of its own. */
    public static final String NOTHING_CHECKED = "the source checked nothing";
}
