package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the backups cover that Longhorn itself schedules, as {@code doctor} tells it. */
@Tag("today")
class ClusterAuditTest {
    private static final String GROUP = "recurring-job-group.longhorn.io/";
    private static final String JOB = "recurring-job.longhorn.io/";

    private final ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private final LonghornFixture fixture = new LonghornFixture(longhorn);

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private void recurringJob(String name, String task, String groups, int retain) {
        longhorn.object(ResourceType.RECURRING_JOBS, "longhorn-system", """
                        {"metadata": {"name": "%1$s"}, "spec": {"name": "%1$s", "task": "%2$s", "groups": [%3$s],
                         "cron": "0 3 * * 0", "retain": %4$d, "concurrency": 1}}
                        """.formatted(name, task, groups, retain));
    }

    private List<Finding> audit() throws Exception {
        try (ClusterSource source = fixture.source(Map.of())) {
            return source.audit(fixture.run("k7f3q2xw"));
        }
    }

    private List<String> told(Severity severity) throws Exception {
        return audit().stream()
                .filter(finding -> finding.severity() == severity)
                .map(finding -> finding.target() + " " + finding.problem())
                .toList();
    }

    @Test
    void whereLonghornSchedulesNothingThatIsSaid() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "a"));
        recurringJob("hourly-snap", "snapshot", "\"default\"", 5);

        assertThat(told(Severity.INFO))
                .containsExactly("Longhorn in namespace longhorn-system schedules no backups by itself");
        assertThat(told(Severity.WARNING)).isEmpty();
    }

    @Test
    void aJobThatTakesNoVolumeSucceedsAllTheSame() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "a")).volume("pvc-2", claim("shop", "b"));
        recurringJob("weekly-bak", "backup", "\"weekly\"", 2);

        assertThat(audit()).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.target()).isEqualTo("recurring job weekly-bak");
            assertThat(finding.problem()).isEqualTo("takes none of 2 volumes, and reports success all the same");
            assertThat(finding.remedy())
                    .startsWith("label the volumes: kubectl -n longhorn-system label volumes.longhorn.io VOLUME "
                            + GROUP + "weekly=enabled");
        });
    }

    @Test
    void aJobWithoutABackupCoversItsVolumesInNameOnly() throws Exception {
        longhorn.stopManagers();
        longhorn.volume("pvc-1", claim("shop", "a"));
        recurringJob("weekly-bak", "backup", "\"default\"", 2);

        assertThat(told(Severity.INFO))
                .containsExactly("recurring job weekly-bak takes 1 of 1 volumes, at 0 3 * * 0: shop/a (pvc-1)");
        assertThat(told(Severity.WARNING))
                .containsExactly("recurring job weekly-bak has no complete backup of shop/a (pvc-1)");
    }

    @Test
    void theOldestOfTheNewestBackupsIsTold() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "a")).volume("pvc-2", claim("shop", "b"));
        recurringJob("weekly-bak", "backup", "\"default\"", 2);
        fixture.capture("k7f3q2xw", Map.of());
        longhorn.list(ResourceType.BACKUPS)
                .forEach(backup -> longhorn.editStatus(
                        ResourceType.BACKUPS,
                        backup.at("/metadata/name").asText(),
                        status -> status.withObjectProperty("labels").put("RecurringJob", "weekly-bak")));

        assertThat(told(Severity.INFO))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("recurring job weekly-bak has backups of 2 of them; the newest of each is of 20"));
        assertThat(told(Severity.WARNING)).noneMatch(line -> line.contains("no complete backup"));
    }

    @Test
    void whatLonghornLeavesOutInSilenceIsNamed() throws Exception {
        longhorn.stopManagers();
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")).detached())
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "b")).faulted())
                .volume("pvc-3", claim("shop", "c"));
        recurringJob("weekly-bak", "backup", "\"default\"", 1);

        assertThat(told(Severity.WARNING))
                .contains(
                        "recurring job weekly-bak leaves out what is faulted or being restored: shop/b (pvc-2)",
                        "recurring job weekly-bak leaves out what is detached: shop/a (pvc-1)",
                        "recurring job weekly-bak keeps one backup of each volume: if that one is damaged there is no other");
    }

    @Test
    void detachedVolumesAreTakenWhereTheSettingSaysSo() throws Exception {
        longhorn.stopManagers();
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")).detached());
        longhorn.edit(
                ResourceType.SETTINGS,
                "allow-recurring-job-while-volume-detached",
                setting -> setting.put("value", "true"));
        recurringJob("weekly-bak", "backup", "\"default\"", 2);

        assertThat(told(Severity.WARNING)).noneMatch(line -> line.contains("detached"));
    }

    @Test
    void labelsAndAnnotationsThatMeanNothingAreNamed() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")).label(JOB + "weekly-bka", "enabled"))
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "b")).claimLabel(JOB + "weekly-bak", "enabled"))
                .volume("pvc-3", claim("shop", "c"));
        longhorn.edit(
                new ObjectKey(ResourceType.CLAIMS, "shop", "c"),
                object -> object.withObjectProperty("metadata")
                        .withObjectProperty("annotations")
                        .put("longhorn.io/recurring-jobs", "weekly-bak"));
        recurringJob("weekly-bak", "backup", "\"default\"", 2);

        assertThat(told(Severity.WARNING))
                .contains(
                        "volume shop/a (pvc-1) has " + JOB + "weekly-bka, but there is no such recurring job or group;"
                                + " it is out of group default for it",
                        "volume shop/b (pvc-2) has a claim with " + JOB + "weekly-bak, which Longhorn does not read",
                        "volume shop/c (pvc-3) has a claim with the annotation longhorn.io/recurring-jobs, which means"
                                + " nothing to Longhorn");
    }

    @Test
    void theReferenceDeploymentIsNotTakenForProtected() throws Exception {
        longhorn.volume("pvc-1", claim("shop", "data"));
        longhorn.edit(
                new ObjectKey(ResourceType.CLAIMS, "shop", "data"),
                object -> object.withObjectProperty("metadata")
                        .withObjectProperty("annotations")
                        .put("longhorn.io/recurring-jobs", "weekly-bak"));
        longhorn.edit(
                ResourceType.BACKUP_TARGETS,
                "default",
                target -> target.withObjectProperty("spec")
                        .put("backupTargetURL", "s3://lvs-cloud-longhorn-backups@nbg1"));
        recurringJob("weekly-bak", "backup", "\"weekly\"", 1);

        assertThat(told(Severity.WARNING))
                .anyMatch(line -> line.contains("takes none of 1 volumes"))
                .anyMatch(line -> line.contains("which means nothing to Longhorn"));
        try (ClusterSource source = fixture.source(Map.of("recurringJob", "weekly-bak"))) {
            assertThat(source.preflight(fixture.run("k7f3q2xw")))
                    .filteredOn(finding -> finding.severity() == Severity.ERROR)
                    .extracting(Finding::problem)
                    .anyMatch(problem -> problem.contains("none of its 1 volumes is selected"))
                    .anyMatch(problem -> problem.contains("lacks the slash at its end"));
        }
    }
}
