package cloud.lvs.backup.contract;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link RetentionPolicy} promises; each policy's tests extend it, third-party ones included. Name the class
 * {@code <Policy>ContractTest}, so that Surefire finds it.
 */
@Tag("today")
@ExtendWith(SkippedTests.class)
public abstract class RetentionPolicyContract {
    private static final Instant NOW = TestTime.now();
    private static final int DAYS = 400;
    /** 400 years, after which weekdays, months and leap years come again. */
    private static final Duration CALENDAR_PERIOD = Duration.ofDays(146_097);

    /** The policy; may be called several times a test. */
    protected abstract RetentionPolicy newPolicy();

    /** Every provider that lies in the jar or directory of the policy. */
    @Test
    void itsProviderIsFoundAndCanBeConfigured() throws Exception {
        ProviderCheck.assertUsable(RetentionPolicyProvider.class, newPolicy());
    }

    @ParameterizedTest(name = "history {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void decidesOnceAboutEachBackupInTheirOrder(long seed) {
        List<BackupSummary> backups = history(seed);

        RetentionPlan plan = newPolicy().decide(backups, NOW);

        assertThat(plan.decisions())
                .as("backups decided about")
                .extracting(Decision::backup)
                .containsExactlyElementsOf(backups);
    }

    @ParameterizedTest(name = "history {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void saysWhichRuleDecided(long seed) {
        assertThat(newPolicy().decide(history(seed), NOW).decisions())
                .allSatisfy(decision -> assertThat(decision.rule())
                        .as("rule that decides about %s", decision.backup().id())
                        .isNotBlank()
                        .doesNotContain("\n"));
    }

    @ParameterizedTest(name = "history {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void givesTheSameAnswerToTheSameQuestion(long seed) {
        List<BackupSummary> backups = history(seed);
        RetentionPolicy policy = newPolicy();

        RetentionPlan first = policy.decide(backups, NOW);
        policy.decide(history(seed + 1), NOW.plus(Duration.ofDays(3)));

        assertThat(policy.decide(backups, NOW)).as("asked again").isEqualTo(first);
        assertThat(newPolicy().decide(backups, NOW)).as("another instance").isEqualTo(first);
    }

    @ParameterizedTest(name = "history {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void neverDropsEverything(long seed) {
        RetentionPolicy policy = newPolicy();
        List<BackupSummary> backups = history(seed);

        for (int size = 1; size <= backups.size(); size += 1 + size / 4) {
            assertThat(policy.decide(backups.subList(0, size), NOW.plus(Duration.ofDays(10_000)))
                            .decisions())
                    .as("decisions about %s backups", size)
                    .anyMatch(decision -> decision.verdict() == RetentionPlan.Verdict.KEEP);
        }
    }

    @ParameterizedTest(name = "history {0}")
    @ValueSource(longs = {1, 2, 3})
    void leavesTheListItIsGivenAlone(long seed) {
        List<BackupSummary> given = Collections.unmodifiableList(history(seed));
        List<BackupSummary> before = List.copyOf(given);

        newPolicy().decide(given, NOW);

        assertThat(given).as("the list it was given").isEqualTo(before);
    }

    @Test
    void hasNothingToSayAboutNothing() {
        assertThat(newPolicy().decide(List.of(), NOW).decisions())
                .as("decisions about nothing")
                .isEmpty();
    }

    /**
     * What is dropped today is not there tomorrow. A policy that goes by places in the list, such as every second one, promises
     * half of the history and keeps the newest backup only, since all places shift with each new backup.
     */
    @Test
    void keepsWhatItPromisesWhenEachPlanIsApplied() {
        RetentionPolicy policy = newPolicy();
        List<BackupSummary> history = new ArrayList<>();
        List<BackupSummary> left = List.of();
        for (int day = DAYS; day > 0; day--) {
            Instant now = NOW.minus(Duration.ofDays(day - 1));
            RunId run = new RunId(String.format("run%05d", DAYS - day));
            BackupSummary backup =
                    new BackupSummary(new BackupId("contract", now, run), Outcome.OK, BackupSummary.Hold.NONE);
            history.add(0, backup);
            List<BackupSummary> asked = new ArrayList<>(left);
            asked.add(0, backup);
            left = kept(policy, asked, now);
        }

        List<BackupSummary> promised = kept(policy, history, NOW);
        String compared = String.format(
                "asked once about %s daily backups, it keeps %s; asked every day, with each plan applied, it keeps %s",
                DAYS, described(promised), described(left));
        assertThat(left.size()).as(compared).isGreaterThanOrEqualTo(promised.size() / 2);
        assertThat(age(left)).as(compared).isGreaterThanOrEqualTo(age(promised).dividedBy(2));
    }

    /**
     * The same question 400 years later or earlier: the calendar has the same days then, and a policy that asks a clock finds all
     * backups in the future, or too old.
     */
    @Test
    void goesByTheTimeThatItIsGiven() {
        int now = keptOfDays(Duration.ZERO);

        for (Duration shift : List.of(CALENDAR_PERIOD, CALENDAR_PERIOD.negated())) {
            assertThat(keptOfDays(shift))
                    .as(
                            "of %s daily backups up to %s it keeps %s; how many of as many up to %s",
                            DAYS, NOW, now, NOW.plus(shift))
                    .isBetween(now / 2, 2 * now);
        }
    }

    private int keptOfDays(Duration shift) {
        List<BackupSummary> newestFirst = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            Instant at = NOW.plus(shift).minus(Duration.ofDays(day));
            RunId run = new RunId(String.format("run%05d", DAYS - day));
            newestFirst.add(new BackupSummary(new BackupId("contract", at, run), Outcome.OK, BackupSummary.Hold.NONE));
        }
        return kept(newPolicy(), newestFirst, NOW.plus(shift)).size();
    }

    private static List<BackupSummary> kept(RetentionPolicy policy, List<BackupSummary> newestFirst, Instant now) {
        return policy.decide(newestFirst, now).decisions().stream()
                .filter(decision -> decision.verdict() == RetentionPlan.Verdict.KEEP)
                .map(Decision::backup)
                .toList();
    }

    private static Duration age(List<BackupSummary> newestFirst) {
        return newestFirst.isEmpty()
                ? Duration.ZERO
                : Duration.between(newestFirst.get(newestFirst.size() - 1).timestamp(), NOW);
    }

    private static String described(List<BackupSummary> newestFirst) {
        return newestFirst.size() + ", the oldest " + age(newestFirst).toDays() + " days old";
    }

    /** Whole backups, newest first: bunched, with gaps, with several in one second. */
    private static List<BackupSummary> history(long seed) {
        Random random = new Random(seed);
        List<BackupSummary> backups = new ArrayList<>();
        Instant at = NOW;
        int size = 1 + random.nextInt(120);
        for (int n = 0; n < size; n++) {
            at = at.minusSeconds(
                    switch (random.nextInt(5)) {
                        case 0 -> 0;
                        case 1 -> random.nextInt(3_600);
                        case 2 -> random.nextInt(86_400);
                        case 3 -> 86_400;
                        default -> random.nextInt(40 * 86_400);
                    });
            Outcome outcome =
                    List.of(Outcome.OK, Outcome.WARNED, Outcome.ADOPTED).get(random.nextInt(3));
            BackupSummary.Hold hold = random.nextInt(10) == 0 ? BackupSummary.Hold.HELD : BackupSummary.Hold.NONE;
            // Descending within one second, as ids are ordered.
            RunId run = new RunId(String.format("run%05d", size - n));
            backups.add(new BackupSummary(new BackupId("contract", at, run), outcome, hold));
        }
        return backups;
    }
}
