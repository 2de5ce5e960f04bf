package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemoryArtifacts;
import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.ObjectKey;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run finds before it begins: which volumes, and whether their target takes backups. */
@Tag("today")
class ClusterPreflightTest {
    private static final String GROUP = "recurring-job-group.longhorn.io/";
    private static final String JOB = "recurring-job.longhorn.io/";

    private ScriptedLonghorn longhorn = ScriptedLonghorn.start("1.12.1");
    private LonghornFixture fixture = new LonghornFixture(longhorn);

    @AfterEach
    void stop() {
        longhorn.close();
    }

    private void use(String version) {
        longhorn.close();
        longhorn = ScriptedLonghorn.start(version);
        fixture = new LonghornFixture(longhorn);
    }

    private List<Finding> preflight(Map<String, ?> config) throws Exception {
        try (ClusterSource source = fixture.source(config)) {
            return source.preflight(fixture.run("k7f3q2xw"));
        }
    }

    private Finding onlyError(Map<String, ?> config) throws Exception {
        List<Finding> errors = preflight(config).stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .toList();
        assertThat(errors).hasSize(1);
        return errors.get(0);
    }

    private Item item(Map<String, ?> config, String id) throws Exception {
        try (ClusterSource source = fixture.source(config)) {
            return source.inventory(fixture.run("k7f3q2xw")).stream()
                    .filter(item -> item.id().equals(id))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void target(Consumer<ObjectNode> spec) {
        longhorn.edit(ResourceType.BACKUP_TARGETS, "default", target -> spec.accept(target.withObjectProperty("spec")));
    }

    private void aVolume() {
        longhorn.volume("pvc-1", claim("shop", "data"));
    }

    // ---- selection ----

    @Test
    void withoutCriteriaEveryVolumeIsSelected() throws Exception {
        aVolume();
        longhorn.volume("pvc-2");

        assertThat(item(Map.of(), "shop/data").state()).isEqualTo(Item.State.SELECTED);
        assertThat(item(Map.of(), "pvc-2").state()).isEqualTo(Item.State.SELECTED);
    }

    @Test
    void aGroupTakesVolumesWithItsLabelEnabled() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")).label(GROUP + "weekly", "enabled"))
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "b")).label(GROUP + "weekly", "disabled"))
                .volume(VolumeSeed.named("pvc-3").claim(claim("shop", "c")));

        Map<String, String> config = Map.of("group", "weekly");
        assertThat(item(config, "shop/a").state()).isEqualTo(Item.State.SELECTED);
        assertThat(item(config, "shop/b").reason()).contains("it has " + GROUP + "weekly=disabled");
        assertThat(item(config, "shop/c").reason()).isEqualTo("has no label " + GROUP + "weekly=enabled");
    }

    @Test
    void theDefaultGroupIsWhateverHasNoSuchLabel() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")))
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "b")).label(JOB + "typo", "enabled"));

        Map<String, String> config = Map.of("group", "default");
        assertThat(item(config, "shop/a").state()).isEqualTo(Item.State.SELECTED);
        assertThat(item(config, "shop/b").reason()).contains(JOB + "typo", "takes it out of group default");
    }

    @Test
    void labelsOfAClaimCountOnlyWhereItIsTheirSource() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1")
                        .claim(claim("shop", "a"))
                        .claimLabel(GROUP + "weekly", "enabled")
                        .claimLabel(JOB + "source", "enabled"))
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "b")).claimLabel(GROUP + "weekly", "enabled"));

        Map<String, String> config = Map.of("group", "weekly");
        assertThat(item(config, "shop/a").state()).isEqualTo(Item.State.SELECTED);
        assertThat(item(config, "shop/b").reason())
                .contains("its claim has " + GROUP + "weekly", "only beside " + JOB + "source=enabled");
    }

    @Test
    void anAnnotationThatMeansNothingIsNamed() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")));
        longhorn.edit(
                new ObjectKey(ResourceType.CLAIMS, "shop", "a"),
                object -> object.withObjectProperty("metadata")
                        .withObjectProperty("annotations")
                        .put("longhorn.io/recurring-jobs", "weekly-bak"));

        assertThat(item(Map.of("group", "weekly"), "shop/a").reason())
                .contains("annotation longhorn.io/recurring-jobs, which means nothing to Longhorn");
    }

    @Test
    void aRecurringJobTakesItsLabelAndItsGroups() throws Exception {
        longhorn.object(ResourceType.RECURRING_JOBS, "longhorn-system", """
                        {"metadata": {"name": "weekly-bak"}, "spec": {"name": "weekly-bak", "task": "backup",
                         "groups": ["slow"], "cron": "0 3 * * 0", "retain": 1, "concurrency": 1}}
                        """)
                .volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")).label(JOB + "weekly-bak", "enabled"))
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "b")).label(GROUP + "slow", "enabled"))
                .volume(VolumeSeed.named("pvc-3").claim(claim("shop", "c")));

        Map<String, String> config = Map.of("recurringJob", "weekly-bak");
        assertThat(item(config, "shop/a").state()).isEqualTo(Item.State.SELECTED);
        assertThat(item(config, "shop/b").state()).isEqualTo(Item.State.SELECTED);
        assertThat(item(config, "shop/c").state()).isEqualTo(Item.State.EXCLUDED);
        assertThat(onlyError(Map.of("recurringJob", "weekly")).problem()).contains("does not exist");
    }

    @Test
    void claimsNamespacesAndLabelsNarrowTheChoiceAndExclusionsGiveTheirReason() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1")
                        .claim(claim("shop", "data-db-0"))
                        .label("tier", "db"))
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "cache")))
                .volume(VolumeSeed.named("pvc-3").claim(claim("blog", "data")));

        assertThat(item(Map.of("claims", List.of("shop/*")), "blog/data").reason())
                .contains("no glob of claims");
        assertThat(item(Map.of("namespaces", List.of("b*")), "shop/cache").reason())
                .contains("namespaces");
        assertThat(item(Map.of("labelSelector", "tier=db"), "shop/data-db-0").state())
                .isEqualTo(Item.State.SELECTED);
        assertThat(item(Map.of("labelSelector", "tier=db"), "shop/cache").reason())
                .contains("labelSelector tier=db");
        assertThat(item(
                                Map.of("exclude", List.of(new LonghornConfig.Exclusion("*/cache", "it fills itself"))),
                                "shop/cache")
                        .reason())
                .isEqualTo("it fills itself");
    }

    @Test
    void noVolumeIsAFailureThatTellsOfEach() throws Exception {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a"))).volume("pvc-2");

        Finding finding = onlyError(Map.of("group", "weekly"));

        assertThat(finding.kind()).isEqualTo(Kind.EMPTY);
        assertThat(finding.problem())
                .startsWith("none of its 2 volumes is selected: ")
                .contains("shop/a (pvc-1): has no label", "pvc-2: has no label");
        try (ClusterSource source = fixture.source(Map.of("group", "weekly"))) {
            assertThatThrownBy(() -> source.capture(new InMemoryArtifacts(), fixture.run("k7f3q2xw")))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.EMPTY));
        }
    }

    @Test
    void aGlobThatMatchesNothingIsToldOf() throws Exception {
        aVolume();

        assertThat(preflight(Map.of("claims", List.of("shop/*", "blgo/*"))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                    assertThat(finding.target()).isEqualTo("claims blgo/*");
                });
    }

    @Test
    void whatCannotBeBackedUpNowFailsAndAStandbyVolumeIsLeftOut() throws Exception {
        longhorn.stopManagers();
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")).faulted())
                .volume(VolumeSeed.named("pvc-2")
                        .claim(claim("shop", "b"))
                        .status(status -> status.put("restoreRequired", true)))
                .volume(VolumeSeed.named("pvc-3").claim(claim("shop", "c")).spec(spec -> spec.put("Standby", true)));

        assertThat(item(Map.of(), "shop/a").state()).isEqualTo(Item.State.UNREACHABLE);
        assertThat(item(Map.of(), "shop/a").reason()).contains("pvc-1", "faulted");
        assertThat(item(Map.of(), "shop/b").reason()).contains("is being restored");
        assertThat(item(Map.of(), "shop/c").state()).isEqualTo(Item.State.EXCLUDED);
    }

    // ---- target ----

    @ParameterizedTest
    @CsvSource({"1.5.5", "1.7.3", "1.8.2", "1.12.1"})
    void aTargetThatWorksIsFoundSo(String version) throws Exception {
        use(version);
        aVolume();

        assertThat(preflight(Map.of())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | has no URL",
                "s3://lvs@eu-central | lacks the slash at its end",
                "s3://lvs/longhorn/ | names no region",
                "'s3://lvs@eu-central/longhorn/ ' | begins or ends with white space"
            })
    void aUrlThatLonghornTakesButCannotUseIsRefused(String url, String problem) throws Exception {
        aVolume();
        target(spec -> spec.put("backupTargetURL", url));

        Finding finding = onlyError(Map.of());

        assertThat(finding.target()).isEqualTo("backup target default");
        assertThat(finding.problem()).contains(problem);
        assertThat(finding.remedy()).contains("BackupTarget default");
    }

    @Test
    void upTo17TheSettingsSayWhereTheTargetIs() throws Exception {
        use("1.7.3");
        aVolume();
        longhorn.edit(ResourceType.SETTINGS, "backup-target", setting -> setting.put("value", ""));

        assertThat(onlyError(Map.of()).remedy()).contains("setting backup-target");
    }

    @Test
    void aTargetThatIsNotAvailableIsToldWithItsReason() throws Exception {
        aVolume();
        longhorn.stores().disconnect();

        Finding finding = onlyError(Map.of());

        assertThat(finding.problem()).startsWith("is not available: ").doesNotContain("level=fatal");
    }

    @Test
    void whatATargetSaidLongAgoProvesNothing() throws Exception {
        aVolume();
        longhorn.stopManagers();
        longhorn.server().startWebhooks();

        assertThat(onlyError(Map.of()).problem()).contains("says that it is available", "has not read it since");
    }

    @Test
    void whereFreshnessMayNotBeAskedForItIsWarnedOf() throws Exception {
        aVolume();
        longhorn.access().forbid("patch", "backuptargets");

        assertThat(preflight(Map.of())).singleElement().satisfies(finding -> {
            assertThat(finding.severity()).isEqualTo(Severity.WARNING);
            assertThat(finding.remedy()).contains("resources: [backuptargets], verbs: [patch]");
        });
    }

    @Test
    void aSecretThatIsGoneOrHasBlanksIsNamed() throws Exception {
        aVolume();
        ObjectKey secret = new ObjectKey(ResourceType.SECRETS, "longhorn-system", "longhorn-backup");
        longhorn.edit(
                secret, object -> object.withObjectProperty("data").put("AWS_SECRET_ACCESS_KEY", "bHZzbHZzbHZzCg=="));
        assertThat(onlyError(Map.of()).problem())
                .contains("AWS_SECRET_ACCESS_KEY of its secret longhorn-backup begins or ends with white space");

        longhorn.edit(secret, object -> object.withObjectProperty("data").remove("AWS_SECRET_ACCESS_KEY"));
        assertThat(onlyError(Map.of()).problem()).contains("has no AWS_SECRET_ACCESS_KEY");

        target(spec -> spec.put("credentialSecret", "gone"));
        assertThat(onlyError(Map.of()).problem()).contains("its secret gone is not in namespace longhorn-system");

        target(spec -> spec.put("credentialSecret", ""));
        assertThat(onlyError(Map.of()).problem()).contains("names no secret");
    }

    @Test
    void aSecretThatMayNotBeReadIsNoObstacle() throws Exception {
        aVolume();
        longhorn.access().forbid("get", "secrets");

        assertThat(preflight(Map.of())).extracting(Finding::severity).containsExactly(Severity.INFO);
    }

    @Test
    void oneBrokenTargetOfTwoFailsItsOwnVolumesOnly() throws Exception {
        aVolume();
        longhorn.object(ResourceType.BACKUP_TARGETS, "longhorn-system", """
                        {"metadata": {"name": "other"},
                         "spec": {"backupTargetURL": "", "credentialSecret": "", "pollInterval": "5m0s"}}
                        """)
                .volume(VolumeSeed.named("pvc-2")
                        .claim(claim("shop", "other"))
                        .spec(spec -> spec.put("backupTargetName", "other")));

        assertThat(preflight(Map.of())).extracting(Finding::severity).containsExactly(Severity.WARNING);
        var run = fixture.capture("k7f3q2xw", Map.of());
        assertThat(run.item("shop/data").reason()).isEmpty();
        assertThat(run.item("shop/other").reason()).contains("backup target other", "has no URL");
    }

    @Test
    void aClusterWithoutLonghornIsToldSo() throws Exception {
        longhorn.edit(ResourceType.SETTINGS, "current-longhorn-version", setting -> {});
        longhorn.delete(ResourceType.SETTINGS, "current-longhorn-version");

        assertThat(onlyError(Map.of()).problem()).contains("is not in this cluster");
    }
}
