package cloud.lvs.backup.kit;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.RetentionPolicyContract;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("today")
class RetentionPolicyContractTest {
    private static final class Policy extends RetentionPolicyContract {
        private final RetentionPolicy policy;

        Policy(RetentionPolicy policy) {
            this.policy = policy;
        }

        @Override
        protected RetentionPolicy newPolicy() {
            return policy;
        }
    }

    private static RetentionPolicy byPlace(BiPredicate<List<BackupSummary>, Integer> keeps) {
        return (newestFirst, now) -> {
            List<Decision> decisions = new ArrayList<>();
            for (int place = 0; place < newestFirst.size(); place++) {
                Verdict verdict = keeps.test(newestFirst, place) ? Verdict.KEEP : Verdict.DROP;
                decisions.add(new Decision(newestFirst.get(place), verdict, "some rule"));
            }
            return new RetentionPlan(decisions);
        };
    }

    @TempDir
    Path temporary = Path.of("");

    private Iterable<String> failuresOf(BiPredicate<List<BackupSummary>, Integer> keeps) {
        return ContractRun.failuresOf(temporary, () -> new Policy(byPlace(keeps)))
                .keySet();
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
        Throwable failure = ContractRun.failuresOf(
                        temporary, () -> new Policy(byPlace((backups, place) -> place % 2 == 0)))
                .get("keepsWhatItPromisesWhenEachPlanIsApplied");

        assertThat(failure)
                .hasMessageContaining("asked once about 400 daily backups, it keeps 200, the oldest 398 days old")
                .hasMessageContaining("with each plan applied, it keeps 1, the oldest 0 days old");
    }

    @Test
    void whatAsksAClockInPlaceOfTheTimeItIsGivenIsNoticed() {
        assertThat(ContractRun.failuresOf(temporary, () -> new Policy(thirtyDays(now -> now))))
                .isEmpty();
        assertThat(ContractRun.failuresOf(temporary, () -> new Policy(thirtyDays(now -> TestTime.now()))))
                .containsOnlyKeys("goesByTheTimeThatItIsGiven");
    }

    private static RetentionPolicy thirtyDays(UnaryOperator<Instant> clock) {
        return (newestFirst, now) -> {
            Instant tooOld = clock.apply(now).minus(Duration.ofDays(30));
            return new RetentionPlan(newestFirst.stream()
                    .map(backup -> new Decision(
                            backup,
                            backup == newestFirst.get(0) || backup.timestamp().isAfter(tooOld)
                                    ? Verdict.KEEP
                                    : Verdict.DROP,
                            "thirty days"))
                    .toList());
        };
    }

    private static YearMonth month(BackupSummary backup) {
        return YearMonth.from(backup.timestamp().atOffset(ZoneOffset.UTC));
    }
}
