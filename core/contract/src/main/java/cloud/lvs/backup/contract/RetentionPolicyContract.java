package cloud.lvs.backup.contract;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link RetentionPolicy} promises; each policy's tests extend it, third-party ones included. */
@Tag("today")
public abstract class RetentionPolicyContract {
    private static final Instant NOW = TestTime.now();

    /** The policy; may be called several times a test. */
    protected abstract RetentionPolicy newPolicy();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void decidesOnceAboutEachBackupInTheirOrder(long seed) {
        List<BackupSummary> backups = history(seed);

        RetentionPlan plan = newPolicy().decide(backups, NOW);

        assertThat(plan.decisions()).extracting(Decision::backup).containsExactlyElementsOf(backups);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void saysWhichRuleDecided(long seed) {
        assertThat(newPolicy().decide(history(seed), NOW).decisions())
                .allSatisfy(decision -> assertThat(decision.rule()).isNotBlank().doesNotContain("\n"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void givesTheSameAnswerToTheSameQuestion(long seed) {
        List<BackupSummary> backups = history(seed);
        RetentionPolicy policy = newPolicy();

        RetentionPlan first = policy.decide(backups, NOW);
        policy.decide(history(seed + 1), NOW.plus(Duration.ofDays(3)));

        assertThat(policy.decide(backups, NOW)).isEqualTo(first);
        assertThat(newPolicy().decide(backups, NOW)).as("another instance").isEqualTo(first);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void neverDropsEverything(long seed) {
        RetentionPolicy policy = newPolicy();
        List<BackupSummary> backups = history(seed);

        for (int size = 1; size <= backups.size(); size += 1 + size / 4) {
            assertThat(policy.decide(backups.subList(0, size), NOW.plus(Duration.ofDays(10_000)))
                            .decisions())
                    .anyMatch(decision -> decision.verdict() == RetentionPlan.Verdict.KEEP);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void leavesTheListItIsGivenAlone(long seed) {
        List<BackupSummary> given = Collections.unmodifiableList(history(seed));
        List<BackupSummary> before = List.copyOf(given);

        newPolicy().decide(given, NOW);

        assertThat(given).isEqualTo(before);
    }

    @Test
    void hasNothingToSayAboutNothing() {
        assertThat(newPolicy().decide(List.of(), NOW).decisions()).isEmpty();
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
