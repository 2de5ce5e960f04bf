package cloud.lvs.backup.core.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicyProvider;
import cloud.lvs.backup.spi.RunId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class StandardRetentionTest {
    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final StandardRetentionConfig NONE = StandardRetentionConfig.keepEverything();

    @Test
    void keepsEverythingWithoutARule() {
        assertThat(decide(NONE, "2026-11-22T03:00:00Z", "1999-01-01T00:00:00Z"))
                .containsValues("no rule configured")
                .hasSize(2);
    }

    @Test
    void keepsTheLast() {
        assertThat(decide(NONE.withKeepLast(2), "2026-11-22T03:00:00Z", "2026-11-21T03:00:00Z", "2026-11-20T03:00:00Z"))
                .containsExactly(
                        Map.entry("2026-11-22T03:00:00Z", "keepLast: 1 of 2"),
                        Map.entry("2026-11-21T03:00:00Z", "keepLast: 2 of 2"),
                        Map.entry("2026-11-20T03:00:00Z", "DROP matches no rule"));
    }

    @Test
    void keepsWhatIsYoungEnoughToTheSecond() {
        assertThat(decide(
                        NONE.withKeepWithin(Duration.ofDays(7)),
                        "2026-11-15T12:00:01Z",
                        "2026-11-15T12:00:00Z",
                        "2026-11-15T11:59:59Z"))
                .containsValues("keepWithin: 7d", "keepWithin: 7d", "DROP matches no rule")
                .containsEntry("2026-11-15T12:00:00Z", "keepWithin: 7d")
                .containsEntry("2026-11-15T11:59:59Z", "DROP matches no rule");
    }

    @Test
    void keepsTheNewestOfEachDayThatHasOne() {
        assertThat(decide(
                        NONE.withKeepDaily(2),
                        "2026-11-22T03:00:00Z",
                        "2026-11-22T01:00:00Z",
                        "2026-11-10T23:59:59Z",
                        "2026-11-10T00:00:00Z",
                        "2026-11-09T23:59:59Z"))
                .containsExactly(
                        Map.entry("2026-11-22T03:00:00Z", "keepDaily: 2026-11-22"),
                        Map.entry("2026-11-22T01:00:00Z", "DROP matches no rule"),
                        Map.entry("2026-11-10T23:59:59Z", "keepDaily: 2026-11-10"),
                        Map.entry("2026-11-10T00:00:00Z", "DROP matches no rule"),
                        Map.entry("2026-11-09T23:59:59Z", "DROP matches no rule"));
    }

    @Test
    void weeksAreThoseOfIso() {
        // 2027-01-03 is a Sunday and belongs to the last week of 2026, which has 53.
        assertThat(decide(
                        NONE.withKeepWeekly(2), "2027-01-04T00:00:00Z", "2027-01-03T23:00:00Z", "2026-12-28T00:00:00Z"))
                .containsExactly(
                        Map.entry("2027-01-04T00:00:00Z", "keepWeekly: 2027-W01"),
                        Map.entry("2027-01-03T23:00:00Z", "keepWeekly: 2026-W53"),
                        Map.entry("2026-12-28T00:00:00Z", "DROP matches no rule"));
    }

    @Test
    void namesEveryRuleThatKeepsABackup() {
        StandardRetentionConfig all = new StandardRetentionConfig(1, Duration.ofHours(36), 1, 1, 1, 1, 1, "UTC", 1);

        assertThat(decide(all, "2026-11-22T03:00:00Z", "2026-11-21T03:00:00Z"))
                .containsEntry(
                        "2026-11-22T03:00:00Z",
                        "keepLast: 1 of 1, keepWithin: 36h, keepHourly: 2026-11-22T03Z, keepDaily: 2026-11-22,"
                                + " keepWeekly: 2026-W47, keepMonthly: 2026-11, keepYearly: 2026")
                .containsEntry("2026-11-21T03:00:00Z", "keepWithin: 36h");
    }

    @Test
    void countsDaysInTheStatedZone() {
        String[] backups = {"2026-11-21T23:30:00Z", "2026-11-21T22:30:00Z"};

        assertThat(decide(NONE.withKeepDaily(2), backups))
                .containsEntry("2026-11-21T22:30:00Z", "DROP matches no rule");
        assertThat(decide(NONE.withKeepDaily(2).withTimeZone("Europe/Berlin"), backups))
                .containsEntry("2026-11-21T23:30:00Z", "keepDaily: 2026-11-22")
                .containsEntry("2026-11-21T22:30:00Z", "keepDaily: 2026-11-21");
    }

    @Test
    void anHourThatTheClockRepeatsIsTwoHours() {
        assertThat(decide(
                        NONE.withKeepHourly(3).withTimeZone("Europe/Berlin"),
                        "2026-10-25T01:30:00Z",
                        "2026-10-25T00:30:00Z",
                        "2026-10-24T23:30:00Z"))
                .containsExactly(
                        Map.entry("2026-10-25T01:30:00Z", "keepHourly: 2026-10-25T02+01:00"),
                        Map.entry("2026-10-25T00:30:00Z", "keepHourly: 2026-10-25T02+02:00"),
                        Map.entry("2026-10-24T23:30:00Z", "keepHourly: 2026-10-25T01+02:00"));
    }

    @Test
    void aDayIsOneDayThoughTheClockGoesBackAcrossMidnight() {
        // In Newfoundland the clock went from 00:01 back to 23:01 of the day before, at 02:31 UTC.
        String[] backups = {"2005-10-30T02:45:00Z", "2005-10-30T02:30:30Z", "2005-10-30T02:00:00Z"};

        assertThat(decide(NONE.withKeepDaily(3).withTimeZone("America/St_Johns"), backups))
                .containsExactly(
                        Map.entry("2005-10-30T02:45:00Z", "keepDaily: 2005-10-29"),
                        Map.entry("2005-10-30T02:30:30Z", "keepDaily: 2005-10-30"),
                        Map.entry("2005-10-30T02:00:00Z", "DROP matches no rule"));
        assertThat(decide(NONE.withKeepDaily(1).withTimeZone("America/St_Johns"), backups))
                .as("the newest backup is always kept")
                .containsEntry("2005-10-30T02:45:00Z", "keepDaily: 2005-10-29")
                .containsEntry("2005-10-30T02:30:30Z", "DROP matches no rule");
    }

    @Test
    void neverKeepsFewerThanMinKeep() {
        assertThat(decide(
                        NONE.withKeepWithin(Duration.ofDays(7)).withMinKeep(2),
                        "2026-01-03T00:00:00Z",
                        "2026-01-02T00:00:00Z",
                        "2026-01-01T00:00:00Z"))
                .containsExactly(
                        Map.entry("2026-01-03T00:00:00Z", "minKeep: 2"),
                        Map.entry("2026-01-02T00:00:00Z", "minKeep: 2"),
                        Map.entry("2026-01-01T00:00:00Z", "DROP matches no rule"));
    }

    @Test
    void minKeepCountsWhatOtherRulesKeep() {
        assertThat(decide(
                        NONE.withKeepYearly(2).withMinKeep(2),
                        "2026-01-02T00:00:00Z",
                        "2026-01-01T00:00:00Z",
                        "2025-01-01T00:00:00Z"))
                .containsEntry("2026-01-01T00:00:00Z", "DROP matches no rule");
    }

    @Test
    void refusesRulesThatCannotWork() {
        assertThatThrownBy(() -> NONE.withKeepDaily(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("keepDaily must be at least 1, was 0; leave it out if there is no such rule");
        assertThatThrownBy(() -> NONE.withKeepLast(-1)).hasMessageContaining("keepLast");
        assertThatThrownBy(() -> NONE.withKeepHourly(-1)).hasMessageContaining("keepHourly");
        assertThatThrownBy(() -> NONE.withKeepWeekly(0)).hasMessageContaining("keepWeekly");
        assertThatThrownBy(() -> NONE.withKeepMonthly(0)).hasMessageContaining("keepMonthly");
        assertThatThrownBy(() -> NONE.withKeepYearly(0)).hasMessageContaining("keepYearly");
        assertThatThrownBy(() -> NONE.withKeepWithin(Duration.ZERO)).hasMessageContaining("keepWithin");
        assertThatThrownBy(() -> NONE.withMinKeep(0)).hasMessage("minKeep must be at least 1, was 0");
        assertThatThrownBy(() -> NONE.withTimeZone("Europa/Berlin"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeZone 'Europa/Berlin'");
    }

    @Test
    void isFoundByItsType() {
        assertThat(ServiceLoader.load(RetentionPolicyProvider.class))
                .filteredOn(provider -> provider.type().equals("standard"))
                .singleElement()
                .isInstanceOfSatisfying(
                        StandardRetentionProvider.class,
                        provider -> assertThat(provider.create(NONE)).isInstanceOf(StandardRetention.class));
    }

    /** What is decided about each backup: the rule that keeps it, or {@code DROP} and the reason. */
    private static Map<String, String> decide(StandardRetentionConfig config, String... newestFirst) {
        List<BackupSummary> backups = new ArrayList<>();
        for (String each : newestFirst) {
            backups.add(new BackupSummary(
                    new BackupId("job", Instant.parse(each), new RunId("run0")), Outcome.OK, BackupSummary.Hold.NONE));
        }
        Map<String, String> decisions = new LinkedHashMap<>();
        new StandardRetention(config)
                .decide(backups, NOW)
                .decisions()
                .forEach(decision -> decisions.put(
                        decision.backup().timestamp().toString(),
                        (decision.verdict() == Verdict.DROP ? "DROP " : "") + decision.rule()));
        return decisions;
    }
}
