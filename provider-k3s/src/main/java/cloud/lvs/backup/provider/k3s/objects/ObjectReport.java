package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Format;
import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import cloud.lvs.backup.provider.k3s.decoding.UndecodableValueException;
import cloud.lvs.backup.provider.k3s.objects.ResourceType.Origin;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What became of each object that was chosen, and what to do with what was written. */
final class ObjectReport {
    private final K3sRestoreOptions options;
    private final Path directory;
    private final String version;
    private final List<ItemResult> items = new ArrayList<>();
    private final List<Check> checks = new ArrayList<>();
    private int written;
    private int madeAgain;
    private int secretsLeftOut;
    private int eventsLeftOut;
    private int failed;

    ObjectReport(K3sRestoreOptions options, Path directory, String version) {
        this.options = options;
        this.directory = directory;
        this.version = version;
    }

    void written(ObjectRef object, StoredObject stored) {
        written++;
        items.add(ItemResult.done(object.text(), Map.of()));
        if (stored.unknown().count() > 0) {
            checks.add(
                    Check.warned("fields of " + object.text(), stored.unknown().inWords(version)));
        }
    }

    /** What a manifest says of itself at its beginning; empty if there is nothing to say. */
    String note(StoredObject stored) {
        return stored.unknown().count() == 0 ? "" : stored.unknown().inWords(version);
    }

    void madeAgain(ObjectRef object, String maker) {
        madeAgain++;
        items.add(ItemResult.skipped(object.text(), "made again by " + maker + "; owned=include writes it"));
    }

    void leftOut(ObjectRef object) {
        if (object.type().isSecret()) {
            secretsLeftOut++;
            items.add(ItemResult.skipped(object.text(), "no pattern names its type; secrets=include writes it"));
        } else {
            eventsLeftOut++;
        }
    }

    void failed(ObjectRef object, UndecodableValueException why) {
        failed++;
        items.add(new ItemResult(
                object.text(),
                ItemResult.Status.FAILED,
                String.valueOf(why.getMessage()),
                Map.of(),
                Kind.VERIFICATION,
                switch (why.reason()) {
                    case DAMAGED -> "take this object from another backup";
                    case NO_SCHEMA -> "use a version of lvs-backup that knows this Kubernetes";
                    case ENCRYPTED -> "verify the backup with --level content, and take this object from another one";
                }));
    }

    boolean hasWritten() {
        return written > 0;
    }

    /** Of a dry run. */
    RestoreReport planned(ObjectSelection selection) {
        return report("Write", selection);
    }

    /** Of what was done. */
    RestoreReport done(ObjectSelection selection) {
        return report("Wrote", selection);
    }

    private RestoreReport report(String verb, ObjectSelection selection) {
        List<String> steps = new ArrayList<>();
        steps.add(verb + " " + objects(written) + " to " + directory + " as " + (isYaml() ? "YAML" : "JSON")
                + ", a file each" + (isYaml() ? ", and all of them in " + ManifestFiles.ALL : "") + ".");
        if (madeAgain > 0) {
            steps.add("Leave out " + objects(madeAgain)
                    + " that a controller makes again (--set owned=include writes them).");
        }
        if (secretsLeftOut > 0) {
            steps.add("Leave out " + secretsLeftOut + (secretsLeftOut == 1 ? " Secret" : " Secrets")
                    + " that no pattern names (--set secrets=include writes them).");
        }
        if (eventsLeftOut > 0) {
            steps.add("Leave out " + eventsLeftOut + (eventsLeftOut == 1 ? " Event" : " Events")
                    + ", which tell of the past (--set owned=include writes them).");
        }
        if (failed > 0) {
            steps.add(objects(failed) + " could not be written, as told below.");
        }
        return new RestoreReport(items, steps, checks, written == 0 ? List.of() : nextSteps(selection));
    }

    private List<String> nextSteps(ObjectSelection selection) {
        List<String> next = new ArrayList<>();
        Set<String> missing = new TreeSet<>(selection.namespacesMissing());
        if (!missing.isEmpty()) {
            next.add("The backup holds no namespace " + String.join(", ", missing)
                    + ": make it first (kubectl create namespace).");
        }
        if (!isYaml()) {
            return next;
        }
        boolean definitions = selection.objects().stream()
                .anyMatch(object -> object.type().plural().equals("customresourcedefinitions"));
        boolean custom =
                selection.objects().stream().anyMatch(object -> object.type().origin() != Origin.KUBERNETES);
        if (definitions && custom) {
            next.add(
                    "CustomResourceDefinitions are among them: apply twice, as their objects are known only after the first"
                            + " time.");
        }
        next.add("Look at them, then: kubectl apply -f " + directory.resolve(ManifestFiles.ALL));
        return next;
    }

    private boolean isYaml() {
        return options.as() == Format.YAML;
    }

    private static String objects(int count) {
        return count + (count == 1 ? " object" : " objects");
    }
}
