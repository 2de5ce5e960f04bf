package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.LonghornConfig;
import cloud.lvs.backup.provider.longhorn.LonghornConfig.Exclusion;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.provider.longhorn.cluster.Volume;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.toolkit.Glob;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Chooses the volumes of a run: those that meet every criterion of the configuration and can be backed up. */
public final class VolumeSelection {
    private static final int SHOWN = 10;

    private final LonghornConfig config;
    private final Cluster cluster;

    public VolumeSelection(LonghornConfig config, Cluster cluster) {
        this.config = config;
        this.cluster = cluster;
    }

    /** Every volume that there is, by name, with what becomes of it. */
    public List<VolumeChoice> choose() throws BackupException, InterruptedException {
        List<Volume> volumes = new ArrayList<>(cluster.list(ResourceType.VOLUME));
        volumes.sort(Comparator.comparing(Volume::name));
        RecurringSelection recurring = RecurringSelection.of(config, cluster);
        Set<String> labelled = labelled();
        List<VolumeChoice> choices = new ArrayList<>();
        for (Volume volume : volumes) {
            choices.add(choice(volume, recurring, labelled));
        }
        return choices;
    }

    private Set<String> labelled() throws BackupException, InterruptedException {
        Set<String> names = new HashSet<>();
        if (config.labelSelector() != null) {
            cluster.listSelected(ResourceType.VOLUME, config.labelSelector())
                    .forEach(volume -> names.add(volume.name()));
        }
        return names;
    }

    private VolumeChoice choice(Volume volume, RecurringSelection recurring, Set<String> labelled) {
        String item = VolumeChoice.item(volume);
        Optional<String> mismatch = recurring.mismatch(volume);
        if (mismatch.isPresent()) {
            return VolumeChoice.excluded(volume, mismatch.get());
        }
        if (config.labelSelector() != null && !labelled.contains(volume.name())) {
            return VolumeChoice.excluded(volume, "its labels do not match labelSelector " + config.labelSelector());
        }
        if (!config.claims().isEmpty() && !matchesAny(config.claims(), item)) {
            return VolumeChoice.excluded(volume, "no glob of claims matches " + item + historic(volume));
        }
        if (!config.namespaces().isEmpty() && !isInNamespace(volume)) {
            return VolumeChoice.excluded(
                    volume, "no claim of namespaces " + config.namespaces() + " is bound to it" + historic(volume));
        }
        for (Exclusion exclusion : config.exclude()) {
            if (matches(exclusion.claim(), item)) {
                return VolumeChoice.excluded(volume, exclusion.reason());
            }
        }
        if (volume.metadata().isBeingDeleted()) {
            return VolumeChoice.excluded(volume, "is being deleted");
        }
        if (volume.standby()) {
            return VolumeChoice.excluded(
                    volume, "is a standby volume: it follows the backups of another one until it is activated");
        }
        return obstacle(volume)
                .map(reason -> VolumeChoice.unreachable(volume, reason))
                .orElseGet(() -> VolumeChoice.selected(volume));
    }

    private boolean isInNamespace(Volume volume) {
        return volume.kubernetes().isBound()
                && matchesAny(config.namespaces(), volume.kubernetes().namespace());
    }

    private static String historic(Volume volume) {
        String claim = volume.kubernetes().claim();
        return claim.isEmpty() || volume.kubernetes().isBound()
                ? ""
                : "; claim " + claim + " was bound to it until "
                        + volume.kubernetes().lastPvcRefAt();
    }

    /** Why a volume that is wanted cannot be backed up now. */
    static Optional<String> obstacle(Volume volume) {
        if (volume.isFaulted()) {
            return Optional.of("volume " + volume.name()
                    + " is faulted: no replica of it can be used; salvage it in Longhorn, or restore it");
        }
        if (volume.isRestoring()) {
            return Optional.of("volume " + volume.name() + " is being restored; it holds nothing of its own yet");
        }
        if (volume.migrating()) {
            return Optional.of("volume " + volume.name() + " is moving to another node; run again after that");
        }
        return Optional.empty();
    }

    /** Whether anything is selected, and whether every part of the configuration means something. */
    public List<Finding> findings(List<VolumeChoice> choices) throws BackupException, InterruptedException {
        List<Finding> findings = new ArrayList<>();
        if (choices.stream().noneMatch(VolumeChoice::isWanted)) {
            findings.add(Finding.error(empty(choices)));
            return findings;
        }
        Set<String> items = choices.stream().map(VolumeChoice::item).collect(Collectors.toSet());
        for (String glob : config.claims()) {
            warnOfNoMatch(findings, "claims", glob, items);
        }
        for (Exclusion exclusion : config.exclude()) {
            warnOfNoMatch(findings, "exclude", exclusion.claim(), items);
        }
        return findings;
    }

    private static void warnOfNoMatch(List<Finding> findings, String key, String glob, Set<String> items) {
        if (items.stream().noneMatch(item -> matches(glob, item))) {
            findings.add(new Finding(
                    Finding.Severity.WARNING,
                    key + " " + glob,
                    "matches no volume",
                    "remove it, or look for the claim's name: kubectl get pvc -A"));
        }
    }

    /** What a run without a volume ends with. */
    public BackupException empty(List<VolumeChoice> choices) throws BackupException, InterruptedException {
        if (choices.isEmpty()) {
            return new BackupException(
                    Kind.EMPTY,
                    "Longhorn in namespace " + cluster.namespace(),
                    "has no volumes",
                    "look at the namespace and the context; an empty backup protects nothing");
        }
        String reasons = choices.stream()
                .limit(SHOWN)
                .map(choice -> choice.item()
                        + (choice.item().equals(choice.volume().name())
                                ? ""
                                : " (" + choice.volume().name() + ")")
                        + ": " + choice.reason())
                .collect(Collectors.joining("; "));
        return new BackupException(
                Kind.EMPTY,
                "Longhorn in namespace " + cluster.namespace(),
                "none of its " + choices.size() + " volumes is selected: " + reasons
                        + (choices.size() > SHOWN ? "; and " + (choices.size() - SHOWN) + " more" : ""),
                "label the volumes, or change what the source selects; an empty backup protects nothing");
    }

    private static boolean matchesAny(List<String> globs, String text) {
        return globs.stream().anyMatch(glob -> matches(glob, text));
    }

    private static boolean matches(String glob, String text) {
        return Glob.of(glob.strip()).matches(text);
    }
}
