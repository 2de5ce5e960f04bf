package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.RetentionPolicyContract;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("today")
class RetentionPolicyContractTest {
    private static final class Policy extends RetentionPolicyContract {
        private final RetentionPolicy policy;

        Policy(BiPredicate<List<BackupSummary>, Integer> keeps) {
            policy = (newestFirst, now) -> {
                List<Decision> decisions = new ArrayList<>();
                for (int place = 0; place < newestFirst.size(); place++) {
                    Verdict verdict = keeps.test(newestFirst, place) ? Verdict.KEEP : Verdict.DROP;
                    decisions.add(new Decision(newestFirst.get(place), verdict, "some rule"));
                }
                return new RetentionPlan(decisions);
            };
        }

        @Override
        protected RetentionPolicy newPolicy() {
            return policy;
        }
    }

    @TempDir
    Path temporary = Path.of("");

    private Iterable<String> failuresOf(BiPredicate<List<BackupSummary>, Integer> keeps) {
        return ContractRun.failuresOf(temporary, () -> new Policy(keeps)).keySet();
    }

    @Test
    void whatGoesByTimeOrKeepsTheNewestPasses() {
        assertThat(failuresOf((backups, place) -> true)).isEmpty();
        assertThat(failuresOf((backups, place) -> place < 3)).isEmpty();
        assertThat(failuresOf((backups, place) ->
                        place == 0 || !month(backups.get(place)).equals(month(backups.get(place - 1)))))
                .as("the newest of each month")
                .isEmpty();
    }

    @Test
    void whatKeepsEverySecondEntryOfTheListIsNoticed() {
        assertThat(failuresOf((backups, place) -> place % 2 == 0))
                .containsExactly("keepsWhatItPromisesWhenEachPlanIsApplied");
        assertThat(failuresOf((backups, place) -> place == 0 || (backups.size() - place) % 2 == 1))
                .as("counted from the oldest")
                .containsExactly("keepsWhatItPromisesWhenEachPlanIsApplied");
    }

    @Test
    void theFailureComparesWhatIsPromisedWithWhatIsKept() {
        Throwable failure = ContractRun.failuresOf(temporary, () -> new Policy((backups, place) -> place % 2 == 0))
                .get("keepsWhatItPromisesWhenEachPlanIsApplied");

        assertThat(failure)
                .hasMessageContaining("asked once about 400 daily backups, it keeps 200, the oldest 398 days old")
                .hasMessageContaining("with each plan applied, it keeps 1, the oldest 0 days old");
    }

    private static YearMonth month(BackupSummary backup) {
        return YearMonth.from(backup.timestamp().atOffset(ZoneOffset.UTC));
    }
}
