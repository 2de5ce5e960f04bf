package cloud.lvs.backup.contract;

import static org.assertj.core.api.Assertions.assertThat;

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

    /** Fails if a failure that is meant for the operator does not say what failed, why, and what to do. */
    static void assertTellsWhatToDo(@Nullable Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof BackupException explained) {
                assertThat(List.of(explained.target(), explained.problem(), explained.remedy()))
                        .as("target, problem and remedy of: %s", explained.getMessage())
                        .noneMatch(String::isBlank);
            }
        }
    }
}
