package cloud.lvs.backup.runner.cli;

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
record Chosen(BackupId id, List<String> lacks, List<String> warnings) {
    Chosen(BackupId id, List<String> warnings) {
        this(id, List.of(), warnings);
    }

    Chosen lacking(List<String> lacks) {
        return new Chosen(id, lacks, warnings);
    }

    ExitCode code() {
        return lacks.isEmpty() ? ExitCode.OK : ExitCode.PARTIAL;
    }

    /** Completes the document of what was done with it. */
    Map<String, Object> in(Map<String, Object> document) {
        List<Object> all = new ArrayList<>(warnings);
        if (document.get("warnings") instanceof Collection<?> others) {
            all.addAll(others);
        }
        document.put("lacks", lacks);
        document.put("warnings", all);
        return document;
    }
}
