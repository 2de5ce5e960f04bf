package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Range;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which Longhorn, how it is reached, and which of its volumes are backed up.
 *
 * @param offline whether only the backup target is read, without a cluster
 * @param backupTarget the sink whose root is the root of the backup target, or null
 * @param kubeconfig the file that tells how to reach the cluster, or null
 * @param context of the kubeconfig, or null
 * @param namespace of Longhorn, or null to look for it
 * @param group volumes of this group of recurring jobs, or null for any
 * @param recurringJob volumes that this job of Longhorn is for, or null for any
 * @param labelSelector volumes with such labels, or null for any
 * @param claims globs of {@code namespace/claim}; empty for any
 * @param namespaces globs of the namespaces of claims; empty for any
 * @param exclude what is left out of these
 * @param concurrency how many volumes at once
 * @param fullEvery how many backups of a volume there are from one full one to the next, or null for none
 * @param startTimeout how long a snapshot may take, and a backup to begin
 * @param firstProgressTimeout how long a backup may compare before it uploads
 * @param stallTimeout how long a backup may stand still
 * @param deleteTimeout how long the deletion of a backup may take
 */
@Doc("Longhorn volumes, by the backups that Longhorn itself keeps in its backup target.")
public record LonghornConfig(
        @Doc(
                "Reads the backup target alone, without a cluster: adopts, verifies, drills and restores what Longhorn keeps"
                        + " there.")
        @Default("false")
        boolean offline,

        @Doc(
                "The sink whose root is the root of Longhorn's backup target. It is only read: needed where offline is true,"
                        + " else for verify at the levels checksum and content.")
        @Nullable
        String backupTarget,

        @Doc("The kubeconfig; by default the service account of the pod, KUBECONFIG, or ~/.kube/config.") @Nullable
        Path kubeconfig,

        @Doc("The context of the kubeconfig; by default its current one.") @Nullable
        String context,

        @Doc("The namespace of Longhorn; by default longhorn-system, or the one that is found.") @Nullable
        String namespace,

        @Doc(
                "Only volumes of this group of recurring jobs, by Longhorn's rules: default is every volume without any label"
                        + " of a recurring job or group, too.")
        @Nullable
        String group,

        @Doc("Only volumes that this RecurringJob of Longhorn is for, by its label and its groups.") @Nullable
        String recurringJob,

        @Doc("Only volumes with such labels, as kubectl --selector takes it.") @Nullable
        String labelSelector,

        @Doc("Only volumes of these claims: globs (* and ?) of namespace/claim.") @Default("[]")
        List<String> claims,

        @Doc("Only volumes of claims in these namespaces; globs.") @Default("[]")
        List<String> namespaces,

        @Doc("What is left out of them, each with the reason.") @Default("[]")
        List<Exclusion> exclude,

        @Doc("How many volumes are backed up at once.") @Default("2") @Range(min = "1", max = "64")
        int concurrency,

        @Doc("Makes every Nth backup of a volume full: it uploads every block anew, which alone heals a damaged one."
                + " Needs Longhorn 1.7.")
        @Range(min = "1")
        @Nullable
        Integer fullEvery,

        @Doc(
                "How long a snapshot may take until it is ready, and a backup until it begins; detached volumes are attached"
                        + " meanwhile.")
        @Default("30m")
        @Range(min = "1s")
        Duration startTimeout,

        @Doc("How long a backup may stay at 0 % while Longhorn compares the volume with the one before.")
        @Default("12h")
        @Range(min = "1s")
        Duration firstProgressTimeout,

        @Doc("How long a backup that has begun may make no progress.") @Default("30m") @Range(min = "1s")
        Duration stallTimeout,

        @Doc("How long the deletion of a backup may take; Longhorn needs half a minute.")
        @Default("10m")
        @Range(min = "1m")
        Duration deleteTimeout) {

    /**
     * Volumes that are left out.
     *
     * @param claim a glob of {@code namespace/claim}, or of the name of a volume without a claim
     * @param reason why
     */
    public record Exclusion(
            @Doc("A glob of namespace/claim, or of the name of a volume without a claim.")
            String claim,

            @Doc("Why it is left out.") String reason) {
        public Exclusion {
            if (claim.isBlank() || reason.isBlank()) {
                throw new IllegalArgumentException("exclude needs a claim and a reason");
            }
        }
    }

    public LonghornConfig {
        claims = List.copyOf(claims);
        namespaces = List.copyOf(namespaces);
        exclude = List.copyOf(exclude);
        if (backupTarget != null && backupTarget.isBlank()) {
            throw new IllegalArgumentException("backupTarget is empty; name the sink that reads the backup target");
        }
        if (offline && backupTarget == null) {
            throw new IllegalArgumentException(
                    "offline is true, but backupTarget is missing; name the sink that reads the backup target");
        }
        if (group != null && recurringJob != null) {
            throw new IllegalArgumentException("group and recurringJob exclude each other; name one of them");
        }
        if (offline) {
            Map<String, Boolean> given = new LinkedHashMap<>();
            given.put("kubeconfig", kubeconfig != null);
            given.put("context", context != null);
            given.put("namespace", namespace != null);
            given.put("group", group != null);
            given.put("recurringJob", recurringJob != null);
            given.put("labelSelector", labelSelector != null);
            given.put("claims", !claims.isEmpty());
            given.put("namespaces", !namespaces.isEmpty());
            given.put("exclude", !exclude.isEmpty());
            given.put("fullEvery", fullEvery != null);
            String needless = given.entrySet().stream()
                    .filter(Map.Entry::getValue)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.joining(", "));
            if (!needless.isEmpty()) {
                throw new IllegalArgumentException(
                        "offline is true: no cluster is asked, so remove " + needless + ", or offline");
            }
        }
    }
}
