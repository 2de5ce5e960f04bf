package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.spi.BackupId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The backup that a command works on.
 *
 * @param id which
 * @param lacks what it lacks of what its run was to capture; empty if it is whole
 * @param warnings what was told when it was looked up: why newer ones do not count
 */
public record ChosenBackup(BackupId id, List<String> lacks, List<String> warnings) {
    public ChosenBackup(BackupId id, List<String> warnings) {
        this(id, List.of(), warnings);
    }

    ChosenBackup lacking(List<String> lacks) {
        return new ChosenBackup(id, lacks, warnings);
    }

    public ExitCode code() {
        return lacks.isEmpty() ? ExitCode.OK : ExitCode.PARTIAL;
    }

    /** Completes the document of what was done with it. */
    public JsonObject in(JsonObject document) {
        List<Object> all = new ArrayList<>(warnings);
        if (document.asMap().get("warnings") instanceof Collection<?> others) {
            all.addAll(others);
        }
        return document.put("lacks", lacks).put("warnings", all);
    }
}
