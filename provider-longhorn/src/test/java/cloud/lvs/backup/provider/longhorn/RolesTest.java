package cloud.lvs.backup.provider.longhorn;

import static cloud.lvs.backup.provider.longhorn.controller.Claim.claim;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.longhorn.controller.ScriptedLonghorn;
import cloud.lvs.backup.provider.longhorn.controller.VolumeSeed;
import cloud.lvs.backup.provider.longhorn.controller.api.Access.Use;
import cloud.lvs.backup.provider.longhorn.controller.api.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunId;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What each account of {@code examples/kubernetes/longhorn-roles.yaml} is granted is enough for its task, and nothing of it
 * is never used.
 */
@Tag("today")
class RolesTest {
    private static final Path ROLES = Path.of("..", "examples", "kubernetes", "longhorn-roles.yaml");

    private static final ResourceType NAMESPACES = ResourceType.BUILT_IN.stream()
            .filter(type -> type.plural().equals("namespaces"))
            .findFirst()
            .orElseThrow();

    private final Set<Use> used = new HashSet<>();
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

    /** All that the roles bound to an account grant. */
    private static Set<Use> grantedTo(String account) throws IOException {
        List<HasMetadata> objects = new ArrayList<>();
        try (InputStream in = Files.newInputStream(ROLES)) {
            Object read = Serialization.unmarshal(in);
            ((List<?>) read).forEach(object -> objects.add((HasMetadata) object));
        }
        Set<Use> granted = new HashSet<>();
        for (HasMetadata object : objects) {
            if (object instanceof RoleBinding binding && isOf(binding.getSubjects(), account)) {
                find(objects, Role.class, binding.getRoleRef().getName())
                        .getRules()
                        .forEach(rule -> add(granted, rule));
            }
            if (object instanceof ClusterRoleBinding binding && isOf(binding.getSubjects(), account)) {
                find(objects, ClusterRole.class, binding.getRoleRef().getName())
                        .getRules()
                        .forEach(rule -> add(granted, rule));
            }
        }
        assertThat(granted).as("rules of account " + account).isNotEmpty();
        return granted;
    }

    private static boolean isOf(List<Subject> subjects, String account) {
        return subjects.stream().anyMatch(subject -> subject.getName().equals(account));
    }

    private static <T extends HasMetadata> T find(List<HasMetadata> objects, Class<T> kind, String name) {
        return objects.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .filter(object -> object.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void add(Set<Use> granted, PolicyRule rule) {
        for (String group : rule.getApiGroups()) {
            for (String resource : rule.getResources()) {
                rule.getVerbs().forEach(verb -> granted.add(new Use(verb, group, resource)));
            }
        }
    }

    private void assertAllIsUsed(Set<Use> granted) {
        assertThat(used).as("granted and never used").containsAll(granted);
    }

    private void plantVolumes() {
        longhorn.volume(VolumeSeed.named("pvc-1").claim(claim("shop", "a")).deployment("web", 1))
                .volume(VolumeSeed.named("pvc-2").claim(claim("shop", "b")).statefulSet("db", 1))
                .object(ResourceType.RECURRING_JOBS, "longhorn-system", """
                        {"metadata": {"name": "weekly-bak"}, "spec": {"name": "weekly-bak", "task": "backup",
                         "groups": ["default"], "cron": "0 3 * * 0", "retain": 2, "concurrency": 1}}
                        """);
    }

    private void diagnose() throws Exception {
        try (ClusterSource source = fixture.source(Map.of("group", "default"))) {
            assertThat(source.preflight(fixture.run("k7f3q2xw")))
                    .extracting(Finding::severity)
                    .doesNotContain(Severity.ERROR);
            assertThat(source.inventory(fixture.run("k7f3q2xw"))).hasSize(2);
            source.audit(fixture.run("k7f3q2xw"));
        }
    }

    @Test
    void theAccountOfTheAuditLooksAndAsksForTheTargetToBeRead() throws Exception {
        Set<Use> granted = grantedTo("lvs-backup-audit");
        for (String version : List.of("1.7.3", "1.12.1")) {
            use(version);
            plantVolumes();
            longhorn.access().grantOnly(granted);
            diagnose();
            used.addAll(longhorn.access().uses());
        }

        assertAllIsUsed(granted);
        assertThat(granted).extracting(Use::verb).doesNotContain("create", "delete", "update", "deletecollection");
    }

    @Test
    void theAccountOfBackupsMakesThemVerifiesThemAndDeletesNoBackup() throws Exception {
        Set<Use> granted = grantedTo("lvs-backup-backup");
        for (String version : List.of("1.7.3", "1.12.1")) {
            use(version);
            plantVolumes();
            longhorn.access().grantOnly(granted);
            LonghornFixture.Run first = fixture.capture("k7f3q2xa", Map.of("group", "default"));
            assertThat(first.report().items()).extracting(ItemResult::status).containsOnly(ItemResult.Status.DONE);
            assertThat(first.context().warnings()).isEmpty();
            fixture.capture("k7f3q2xb", Map.of("recurringJob", "weekly-bak"));
            try (ClusterSource source = fixture.source(Map.of("group", "default"))) {
                assertThat(source.verify(first.backup(), Level.STORED, first.context())
                                .passed())
                        .isTrue();
            }
            used.addAll(longhorn.access().uses());
        }

        assertAllIsUsed(granted);
        assertThat(granted).doesNotContain(new Use("delete", "longhorn.io", "backups"));
    }

    @Test
    void theAccountOfPruneDeletesBackupsAndSnapshots() throws Exception {
        Set<Use> granted = grantedTo("lvs-backup-prune");
        for (String version : List.of("1.7.3", "1.12.1")) {
            use(version);
            plantVolumes();
            LonghornFixture.Run first = fixture.capture("k7f3q2xa", Map.of());
            fixture.capture("k7f3q2xb", Map.of());
            LonghornFixture.Run dead = fixture.capture("k7f3q2xd", Map.of());
            longhorn.access().grantOnly(granted);
            try (ClusterSource source = fixture.source(Map.of())) {
                source.discard(first.backup(), fixture.run("k7f3q2xc"));
                source.abandon(new RunId("k7f3q2xd"), dead.artifacts().intents(), fixture.run("k7f3q2xc"));
            }
            assertThat(longhorn.list(ResourceType.BACKUPS)).hasSize(2);
            used.addAll(longhorn.access().uses());
        }

        assertAllIsUsed(granted);
        assertThat(granted).doesNotContain(new Use("delete", "longhorn.io", "backupvolumes"));
    }

    @Test
    void aRightThatLacksIsNamedAlsoWhereTheRefusalOfAWatchDoesNot() throws Exception {
        plantVolumes();
        longhorn.access().forbid("watch", "backups");

        assertThatThrownBy(() -> fixture.capture("k7f3q2xa", Map.of()))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS);
                    assertThat(e.problem()).isEqualTo("this user may not watch them");
                    assertThat(e.remedy())
                            .endsWith("{apiGroups: [\"longhorn.io\"], resources: [backups], verbs: [watch]}");
                });
    }

    @Test
    void theAccountOfRestoresRelinksTakesBackAndDrills() throws Exception {
        Set<Use> granted = grantedTo("lvs-backup-restore");
        for (String version : List.of("1.7.3", "1.12.1")) {
            use(version);
            plantVolumes();
            longhorn.object(NAMESPACES, "", "{\"metadata\": {\"name\": \"shop\"}}");
            LonghornFixture.Run run = fixture.capture("k7f3q2xa", Map.of());
            longhorn.access().grantOnly(granted);
            for (RestoreTarget target : List.of(
                    new RestoreTarget.InPlace(),
                    new RestoreTarget.Undo(),
                    new RestoreTarget.Scratch(Path.of("nowhere")))) {
                Map<String, ?> options = target instanceof RestoreTarget.InPlace ? Map.of("relink", true) : Map.of();
                for (Mode mode : Mode.values()) {
                    assertThat(fixture.restore(run, target, List.of(), mode, options)
                                    .report()
                                    .items())
                            .hasSize(2)
                            .extracting(ItemResult::reason)
                            .containsOnly("");
                }
            }
            killBeforeTheEnd(run);
            fixture.restore(run, new RestoreTarget.Undo(), List.of("shop/a"), Mode.EXECUTE, Map.of());
            loseABackup(run);
            used.addAll(longhorn.access().uses());
        }

        assertAllIsUsed(granted);
        assertThat(granted)
                .doesNotContain(new Use("delete", "longhorn.io", "backups"))
                .noneMatch(use -> use.resource().equals("secrets"));
    }

    /** What is taken back half-way leaves no persistent volume of its own. */
    private void killBeforeTheEnd(LonghornFixture.Run run) {
        longhorn.server().onRequest(request -> {
            if (request.startsWith("DELETE ")) {
                longhorn.access().expireToken();
            }
        });
        assertThatThrownBy(() -> fixture.restore(
                        run, new RestoreTarget.InPlace(), List.of("shop/a"), Mode.EXECUTE, Map.of("relink", true)))
                .isInstanceOf(BackupException.class);
        longhorn.server().onRequest(request -> {});
        longhorn.access().renewToken();
    }

    /** A backup whose URL is that of before is asked for anew, and one that is missing is told with the others. */
    private void loseABackup(LonghornFixture.Run run) throws Exception {
        String name = run.item("shop/a").facts().getOrDefault("longhornBackup", "");
        longhorn.editStatus(ResourceType.BACKUPS, name, status -> status.put("url", "s3://elsewhere@here/?backup=x"));
        fixture.restore(run, new RestoreTarget.Scratch(Path.of("nowhere")), List.of("shop/a"), Mode.EXECUTE, Map.of());
        longhorn.delete(ResourceType.BACKUPS, name);
        while (longhorn.find(ResourceType.BACKUPS, name).isPresent()) {
            Thread.onSpinWait();
        }
        fixture.restore(run, new RestoreTarget.Scratch(Path.of("nowhere")), List.of("shop/a"), Mode.EXECUTE, Map.of());
    }

    @Test
    void noAccountListsSecretsOrDeletesWhatHoldsAllBackupsOfAVolume() throws Exception {
        for (String account : List.of("lvs-backup-audit", "lvs-backup-backup", "lvs-backup-prune")) {
            assertThat(grantedTo(account))
                    .doesNotContain(
                            new Use("list", "", "secrets"),
                            new Use("watch", "", "secrets"),
                            new Use("delete", "longhorn.io", "backupvolumes"),
                            new Use("delete", "longhorn.io", "backuptargets"),
                            new Use("delete", "longhorn.io", "volumes"));
        }
    }
}
