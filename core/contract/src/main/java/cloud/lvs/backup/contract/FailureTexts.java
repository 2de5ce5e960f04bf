package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.BackupException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that a failure says. */
final class FailureTexts {
    private FailureTexts() {}

    /** Its messages and remedies, those of its causes and of what it suppressed; empty for null. */
    static List<String> of(@Nullable Throwable failure) {
        List<String> texts = new ArrayList<>();
        for (Throwable each = failure; each != null; each = each.getCause()) {
            texts.add(each.toString());
            if (each instanceof BackupException explained) {
                texts.add(explained.remedy());
            }
            for (Throwable suppressed : each.getSuppressed()) {
                texts.addAll(of(suppressed));
            }
        }
        return texts;
    }
}
