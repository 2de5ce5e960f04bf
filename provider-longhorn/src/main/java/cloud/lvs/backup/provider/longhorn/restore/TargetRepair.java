package cloud.lvs.backup.provider.longhorn.restore;

import cloud.lvs.backup.provider.longhorn.LonghornRestoreOptions;
import cloud.lvs.backup.provider.longhorn.VolumeDefinitions;
import cloud.lvs.backup.provider.longhorn.VolumeRecord;
import cloud.lvs.backup.provider.longhorn.cluster.BackupTargetResource;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.DurationFormat;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Sets a backup target up as it was, in a cluster that has lost it; only when told to.
 *
 * @param cluster where it is set up
 * @param options whether, and how
 * @param run asked whether to go on
 */
record TargetRepair(Cluster cluster, LonghornRestoreOptions options, RunContext run) {
    private static final Pattern S3_URL = Pattern.compile("s3://[^@/\\s]+@[^/\\s]+/\\S*");
    private static final String USUAL_TARGET = "default";
    private static final String USUAL_SECRET = "lvs-backup-target";
    private static final Duration READ_WITHIN = Duration.ofMinutes(2);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    /** What a target is to be. */
    private record Wanted(String name, String url, String secret, Map<String, String> credentials) {}

    /** Sets up the targets of volumes; returns what was, or would be, done. */
    List<String> repair(List<VolumeRecord> records, Mode mode) throws BackupException, InterruptedException {
        if (!options.repairTarget()) {
            return List.of();
        }
        Map<String, VolumeRecord> byTarget = new LinkedHashMap<>();
        for (VolumeRecord record : records) {
            byTarget.putIfAbsent(targetOf(record), record);
        }
        if (byTarget.size() > 1) {
            throw new BackupException(
                    Kind.CONFIG,
                    "repairTarget",
                    "the volumes are in several targets: " + String.join(", ", byTarget.keySet()),
                    "restore them one by one with --item");
        }
        List<String> steps = new ArrayList<>();
        for (Map.Entry<String, VolumeRecord> each : byTarget.entrySet()) {
            Wanted wanted = wanted(each.getKey(), each.getValue());
            steps.addAll(mode == Mode.DRY_RUN ? steps(wanted) : apply(wanted));
        }
        return steps;
    }

    private static String targetOf(VolumeRecord record) {
        VolumeDefinitions definitions = record.definitions();
        return definitions == null || definitions.target().isEmpty() ? USUAL_TARGET : definitions.target();
    }

    private Wanted wanted(String name, VolumeRecord record) throws BackupException, InterruptedException {
        VolumeDefinitions definitions = record.definitions();
        String url =
                options.targetUrl() != null ? options.targetUrl() : definitions == null ? "" : definitions.targetUrl();
        if (url.isBlank()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "backup target " + name,
                    "the record does not tell where it was",
                    "name its URL: --set targetUrl=s3://bucket@region/path/");
        }
        if (url.startsWith("s3:") && !S3_URL.matcher(url).matches()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "backup target " + name,
                    "Longhorn cannot use the URL '" + url + "'",
                    "write it with region and path: s3://bucket@region/ or s3://bucket@region/path/");
        }
        String known = cluster.find(ResourceType.BACKUP_TARGET, name)
                .map(BackupTargetResource::credentialSecret)
                .orElse("");
        String secret = options.targetSecret() != null
                ? options.targetSecret()
                : !known.isEmpty() ? known : url.startsWith("s3:") ? USUAL_SECRET : "";
        Map<String, String> credentials =
                options.targetCredentials() == null ? Map.of() : credentials(options.targetCredentials());
        if (!secret.isEmpty()
                && credentials.isEmpty()
                && cluster.find(ResourceType.SECRET, secret).isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG,
                    "backup target " + name,
                    "its secret " + secret + " is not in namespace " + cluster.namespace(),
                    "make it, or give what it holds as a file of lines KEY=VALUE: --set targetCredentials=FILE");
        }
        return new Wanted(name, url, secret, credentials);
    }

    /** Longhorn refuses white space around a value; an editor puts it there. */
    private static Map<String, String> credentials(Path file) throws BackupException {
        Map<String, String> credentials = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                if (equals > 0 && !line.startsWith("#")) {
                    credentials.put(
                            line.substring(0, equals).strip(),
                            line.substring(equals + 1).strip());
                }
            }
        } catch (IOException e) {
            throw new BackupException(
                    Kind.CONFIG, file.toString(), "cannot be read", "name a file of lines KEY=VALUE", e);
        }
        if (credentials.isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG, file.toString(), "holds no line KEY=VALUE", "write e.g. AWS_ACCESS_KEY_ID=…");
        }
        return credentials;
    }

    private List<String> steps(Wanted wanted) throws BackupException, InterruptedException {
        List<String> steps = new ArrayList<>();
        if (!wanted.credentials().isEmpty()) {
            steps.add("Write Secret " + cluster.namespace() + "/" + wanted.secret() + " with the keys "
                    + String.join(", ", wanted.credentials().keySet()));
        }
        steps.add("Set backup target " + wanted.name() + " to " + wanted.url()
                + (wanted.secret().isEmpty() ? "" : ", with secret " + wanted.secret()) + ", and let Longhorn read it");
        return steps;
    }

    private List<String> apply(Wanted wanted) throws BackupException, InterruptedException {
        Instant readBefore = cluster.find(ResourceType.BACKUP_TARGET, wanted.name())
                .map(BackupTargetResource::lastSyncedAt)
                .orElse(Instant.MIN);
        if (!wanted.credentials().isEmpty()) {
            writeSecret(wanted);
        }
        if (cluster.version().hasSeveralTargets()) {
            writeTarget(wanted);
        } else {
            writeSetting("backup-target", wanted.url());
            writeSetting("backup-target-credential-secret", wanted.secret());
        }
        awaitRead(wanted, readBefore);
        return steps(wanted);
    }

    private void writeSecret(Wanted wanted) throws BackupException, InterruptedException {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        manifest.withObject("/metadata").put("name", wanted.secret());
        ObjectNode data = manifest.withObject("/data");
        wanted.credentials()
                .forEach((key, value) ->
                        data.put(key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        if (cluster.find(ResourceType.SECRET, wanted.secret()).isEmpty()) {
            cluster.create(ResourceType.SECRET, manifest.put("type", "Opaque"));
            return;
        }
        manifest.remove("metadata");
        cluster.patch(ResourceType.SECRET, cluster.namespace(), wanted.secret(), manifest);
    }

    private void writeTarget(Wanted wanted) throws BackupException, InterruptedException {
        ObjectNode manifest = JsonNodeFactory.instance.objectNode();
        manifest.withObject("/spec").put("backupTargetURL", wanted.url()).put("credentialSecret", wanted.secret());
        if (cluster.find(ResourceType.BACKUP_TARGET, wanted.name()).isPresent()) {
            cluster.patch(ResourceType.BACKUP_TARGET, cluster.namespace(), wanted.name(), manifest);
            return;
        }
        manifest.withObject("/metadata").put("name", wanted.name());
        manifest.withObject("/spec").put("pollInterval", "5m0s");
        cluster.create(ResourceType.BACKUP_TARGET, manifest);
    }

    private void writeSetting(String name, String value) throws BackupException, InterruptedException {
        ObjectNode patch = JsonNodeFactory.instance.objectNode().put("value", value);
        cluster.patch(ResourceType.SETTING, cluster.namespace(), name, patch);
    }

    /** Longhorn's clock may be behind ours: a reading that is newer than the one before counts, too. */
    private void awaitRead(Wanted wanted, Instant readBefore) throws BackupException, InterruptedException {
        Instant end = cluster.waiting().now().plus(READ_WITHIN);
        Instant asked = cluster.requestSync(ResourceType.BACKUP_TARGET, wanted.name());
        boolean first = readBefore.equals(Instant.MIN);
        while (true) {
            run.checkpoint();
            Optional<BackupTargetResource> now = cluster.find(ResourceType.BACKUP_TARGET, wanted.name());
            Instant read = now.map(BackupTargetResource::lastSyncedAt).orElse(null);
            if (now.isPresent()
                    && now.get().available()
                    && now.get().url().equals(wanted.url())
                    && read != null
                    && (first || !read.isBefore(asked) || read.isAfter(readBefore))) {
                return;
            }
            if (cluster.waiting().now().isAfter(end)) {
                String why = now.map(BackupTargetResource::unavailable).orElse("");
                throw new BackupException(
                        Kind.SOURCE,
                        "backup target " + wanted.name(),
                        "was set to " + wanted.url() + ", and Longhorn has not read it after "
                                + DurationFormat.text(READ_WITHIN) + (why.isEmpty() ? "" : ": " + why),
                        "look at its URL and its secret");
            }
            cluster.waiting().sleep(LOOK_EVERY);
        }
    }
}
