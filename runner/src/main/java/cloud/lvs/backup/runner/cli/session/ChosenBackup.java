package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.spi.BackupId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

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
    public Map<String, Object> in(Map<String, Object> document) {
        List<Object> all = new ArrayList<>(warnings);
        if (document.get("warnings") instanceof Collection<?> others) {
            all.addAll(others);
        }
        document.put("lacks", lacks);
        document.put("warnings", all);
        return document;
    }
}
