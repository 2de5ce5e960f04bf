package cloud.lvs.backup.examples.hanoi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HanoiRetentionTest {
    private static final Instant FIRST = Instant.parse("2026-01-01T03:00:00Z");
    private static final HanoiRetention POLICY = new HanoiRetention(8);

    @Test
    void thinsDailyBackupsTheFurtherTheyLieBack() {
        List<BackupSummary> kept = new ArrayList<>();
        for (int day = 0; day < 600; day++) {
            Instant now = FIRST.plus(Duration.ofDays(day));
            kept.add(0, backup(now));
            kept = kept(POLICY.decide(kept, now).decisions());

            assertThat(kept.size()).as("after day " + day).isBetween(1, 10);
        }
        Duration reach = Duration.between(
                kept.get(kept.size() - 1).timestamp(), kept.get(0).timestamp());
        assertThat(reach).isBetween(Duration.ofDays(100), Duration.ofDays(256));
    }

    @Test
    void ofOneDayKeepsTheNewest() {
        Instant morning = Instant.parse("2026-11-22T03:00:00Z");
        Instant evening = Instant.parse("2026-11-22T21:00:00Z");

        List<Decision> decisions = POLICY.decide(List.of(backup(evening), backup(morning)), evening)
                .decisions();

        assertThat(decisions).extracting(Decision::verdict).containsExactly(Verdict.KEEP, Verdict.DROP);
        assertThat(decisions.get(1).rule()).isEqualTo("hanoi: not the newest of 2026-11-22");
    }

    @Test
    void refusesATowerWithoutRings() {
        assertThatThrownBy(() -> new HanoiConfig(0)).hasMessage("rings must be 1 to 16, was 0");
    }

    private static BackupSummary backup(Instant at) {
        return new BackupSummary(new BackupId("k3s", at, new RunId("k7f3")), Outcome.OK, BackupSummary.Hold.NONE);
    }

    private static List<BackupSummary> kept(List<Decision> decisions) {
        return new ArrayList<>(decisions.stream()
                .filter(decision -> decision.verdict() == Verdict.KEEP)
                .map(Decision::backup)
                .toList());
    }
}
