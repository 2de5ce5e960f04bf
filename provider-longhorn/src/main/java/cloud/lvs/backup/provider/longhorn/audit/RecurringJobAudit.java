package cloud.lvs.backup.provider.longhorn.audit;

import cloud.lvs.backup.provider.longhorn.cluster.Backup;
import cloud.lvs.backup.provider.longhorn.cluster.Claims;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.RecurringJob;
import cloud.lvs.backup.provider.longhorn.cluster.RecurringLabels;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks what the backups that Longhorn itself schedules truly cover. Their pods end well whatever they did: a job that takes no
 * volume succeeds, and so does one whose every backup failed. So outcomes are looked at, never the pods. Changes nothing.
 */
public final class RecurringJobAudit {
    private static final String DETACHED_TOO = "allow-recurring-job-while-volume-detached";
    private static final String BACKUP_LABEL = "RecurringJob";
    private static final int SHOWN = 10;

    private final Cluster cluster;

    public RecurringJobAudit(Cluster cluster) {
        this.cluster = cluster;
    }

    /** What there is to know, worst or not; a cluster in which Longhorn schedules no backup gives one line. */
    public List<Finding> findings() throws BackupException, InterruptedException {
        List<RecurringJob> jobs = cluster.list(ResourceType.RECURRING_JOB);
        List<RecurringJob> backups = jobs.stream()
                .filter(RecurringJob::isBackup)
                .sorted(Comparator.comparing(RecurringJob::name))
                .toList();
        Map<Volume, RecurringLabels> volumes = volumes();
        List<Backup> made = backups.isEmpty() ? List.of() : cluster.list(ResourceType.BACKUP);
        List<Finding> findings = new ArrayList<>();
        if (backups.isEmpty()) {
            findings.add(new Finding(
                    Severity.INFO,
                    "Longhorn in namespace " + cluster.namespace(),
                    "schedules no backups by itself",
                    ""));
        }
        for (RecurringJob job : backups) {
            examine(job, volumes, made, findings);
        }
        tellLabels(jobs, volumes, findings);
        return findings;
    }

    private Map<Volume, RecurringLabels> volumes() throws BackupException, InterruptedException {
        Claims claims = Claims.of(cluster);
        List<Volume> all = new ArrayList<>(cluster.list(ResourceType.VOLUME));
        all.sort(Comparator.comparing(Volume::name));
        Map<Volume, RecurringLabels> volumes = new LinkedHashMap<>();
        all.forEach(volume -> volumes.put(volume, claims.recurringLabels(volume)));
        return volumes;
    }

    // ---- a job ----

    private void examine(
            RecurringJob job, Map<Volume, RecurringLabels> volumes, List<Backup> made, List<Finding> findings)
            throws BackupException, InterruptedException {
        String target = "recurring job " + job.name();
        List<Volume> taken = volumes.entrySet().stream()
                .filter(each -> each.getValue().areOf(job))
                .map(Map.Entry::getKey)
                .toList();
        if (taken.isEmpty()) {
            findings.add(new Finding(
                    Severity.WARNING,
                    target,
                    "takes none of " + volumes.size() + " volumes, and reports success all the same",
                    "label the volumes: kubectl -n " + cluster.namespace() + " label volumes.longhorn.io VOLUME "
                            + job.selectors().get(job.selectors().size() - 1) + "=enabled; or delete the job"));
            return;
        }
        findings.add(new Finding(
                Severity.INFO,
                target,
                "takes " + taken.size() + " of " + volumes.size() + " volumes, at " + job.cron() + ": " + names(taken),
                ""));
        tellSkipped(target, taken, findings);
        tellBackups(job, target, taken, made, findings);
        if (job.retain() < 2) {
            findings.add(new Finding(
                    Severity.WARNING,
                    target,
                    "keeps one backup of each volume: if that one is damaged there is no other",
                    "set spec.retain to 2 or more"));
        }
    }

    /** Longhorn leaves these out with a line in the log of a pod. */
    private void tellSkipped(String target, List<Volume> taken, List<Finding> findings)
            throws BackupException, InterruptedException {
        List<Volume> broken = taken.stream()
                .filter(volume -> volume.isFaulted() || volume.restoreRequired())
                .toList();
        if (!broken.isEmpty()) {
            findings.add(new Finding(
                    Severity.WARNING,
                    target,
                    "leaves out what is faulted or being restored: " + names(broken),
                    "salvage these in Longhorn, or restore them"));
        }
        List<Volume> detached = taken.stream()
                .filter(volume -> !volume.state().equals("attached") && !broken.contains(volume))
                .toList();
        if (!detached.isEmpty() && !takesDetached()) {
            findings.add(new Finding(
                    Severity.WARNING,
                    target,
                    "leaves out what is detached: " + names(detached),
                    "set Longhorn's setting " + DETACHED_TOO
                            + " to true; a job of this program attaches volumes itself"));
        }
    }

    private boolean takesDetached() throws BackupException, InterruptedException {
        Optional<ObjectNode> setting = cluster.find(ResourceType.SETTING, DETACHED_TOO);
        return setting.isPresent() && setting.get().path("value").asText("").contains("true");
    }

    private static void tellBackups(
            RecurringJob job, String target, List<Volume> taken, List<Backup> all, List<Finding> findings) {
        List<Backup> ofJob = all.stream()
                .filter(backup -> backup.label(BACKUP_LABEL).equals(job.name()))
                .toList();
        List<String> never = new ArrayList<>();
        List<Instant> newest = new ArrayList<>();
        for (Volume volume : taken) {
            List<Backup> made = ofJob.stream()
                    .filter(backup -> backup.volume().equals(volume.name()))
                    .toList();
            made.stream()
                    .filter(Backup::isComplete)
                    .map(Backup::snapshotCreatedAt)
                    .filter(Objects::nonNull)
                    .max(Comparator.naturalOrder())
                    .ifPresentOrElse(newest::add, () -> never.add(called(volume) + reason(made)));
        }
        if (!newest.isEmpty()) {
            findings.add(new Finding(
                    Severity.INFO,
                    target,
                    "has backups of " + newest.size() + " of them; the newest of each is of " + Collections.min(newest)
                            + " or later",
                    ""));
        }
        if (!never.isEmpty()) {
            findings.add(new Finding(
                    Severity.WARNING,
                    target,
                    "has no complete backup of " + shown(never),
                    "look at the backup target; until there is one, these volumes are protected in name only"));
        }
    }

    private static String reason(List<Backup> made) {
        return made.stream()
                .filter(backup -> !backup.error().isEmpty())
                .findFirst()
                .map(backup -> ", whose backup " + backup.name() + " failed: " + backup.error())
                .orElse("");
    }

    // ---- labels that mean nothing ----

    private void tellLabels(List<RecurringJob> jobs, Map<Volume, RecurringLabels> volumes, List<Finding> findings) {
        Set<String> known = new HashSet<>();
        jobs.forEach(job -> known.addAll(job.selectors()));
        volumes.forEach((volume, labels) -> {
            String target = "volume " + called(volume);
            List<String> unknown = labels.labels().keySet().stream()
                    .filter(label -> !known.contains(label))
                    .sorted()
                    .toList();
            if (!unknown.isEmpty()) {
                findings.add(new Finding(
                        Severity.WARNING,
                        target,
                        "has " + String.join(", ", unknown) + ", but there is no such recurring job or group"
                                + (labels.leaveDefault() ? "; it is out of group default for it" : ""),
                        "remove the label, or make the job"));
            }
            if (!labels.ignoredLabels().isEmpty()) {
                findings.add(new Finding(
                        Severity.WARNING,
                        target,
                        "has a claim with " + String.join(", ", labels.ignoredLabels())
                                + ", which Longhorn does not read",
                        "label the claim " + RecurringJob.SOURCE_LABEL + "=enabled, too"));
            }
            if (!labels.ignoredAnnotations().isEmpty()) {
                findings.add(new Finding(
                        Severity.WARNING,
                        target,
                        "has a claim with the annotation " + String.join(", ", labels.ignoredAnnotations())
                                + ", which means nothing to Longhorn",
                        "label the volume instead: " + RecurringJob.JOB_LABEL + "JOB=enabled"));
            }
        });
    }

    private static String names(List<Volume> volumes) {
        return shown(volumes.stream().map(RecurringJobAudit::called).toList());
    }

    private static String shown(List<String> names) {
        String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return names.size() > SHOWN ? shown + " and " + (names.size() - SHOWN) + " more" : shown;
    }

    private static String called(Volume volume) {
        return volume.kubernetes().isBound() ? volume.kubernetes().claim() + " (" + volume.name() + ")" : volume.name();
    }
}
