package cloud.lvs.backup.contract;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Writes to the test's output which hook would have to be given for what was skipped: a build shows only how many there were. */
final class SkippedTests implements TestWatcher {
    private static final int MOST_CHARACTERS = 160;

    private static final class Told {
        final Set<String> reasons = new HashSet<>();
    }

    @Override
    public void testAborted(ExtensionContext test, Throwable cause) {
        String reason =
                String.valueOf(cause.getMessage()).replaceAll("\\s+", " ").strip();
        Told told =
                ClassScope.of(test, SkippedTests.class).getOrComputeIfAbsent(Told.class, key -> new Told(), Told.class);
        if (told.reasons.add(reason)) {
            System.out.println(test.getRequiredTestClass().getSimpleName() + "."
                    + test.getRequiredTestMethod().getName() + " was skipped: "
                    + reason.substring(0, Math.min(reason.length(), MOST_CHARACTERS)));
        }
    }
}
