package cloud.lvs.backup.provider.longhorn.backup;

import cloud.lvs.backup.provider.longhorn.cluster.BackupTargetResource;
import cloud.lvs.backup.provider.longhorn.cluster.Cluster;
import cloud.lvs.backup.provider.longhorn.cluster.ResourceType;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether backups can be written to a target. Longhorn's webhooks take a URL without path or region, with a blank at its end, and
 * a secret that is not there; and what a target says of itself may be of long ago.
 */
public final class TargetPreflight {
    private static final Pattern S3_URL = Pattern.compile("s3://([^@/]*)(?:@([^/]*))?(/.*)?");
    private static final List<String> KEYS = List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    private static final Duration FRESH_WITHIN = Duration.ofMinutes(3);
    /** A connection that is refused takes a quarter of a minute to show. */
    private static final Duration UNAVAILABLE_AFTER = Duration.ofSeconds(20);

    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Cluster cluster;

    public TargetPreflight(Cluster cluster) {
        this.cluster = cluster;
    }

    /** What stands against backups in a target; an error among them if they cannot succeed. */
    public List<Finding> check(String name) throws BackupException, InterruptedException {
        String subject = "backup target " + name;
        Optional<BackupTargetResource> target = cluster.find(ResourceType.BACKUP_TARGET, name);
        if (target.isEmpty()) {
            return List.of(error(subject, "does not exist", "make it in Longhorn, or choose another for its volumes"));
        }
        TargetSettings settings = TargetSettings.of(cluster, target.get());
        List<Finding> findings = new ArrayList<>(ofUrl(subject, settings));
        findings.addAll(ofSecret(subject, settings));
        if (findings.stream().noneMatch(finding -> finding.severity() == Severity.ERROR)) {
            findings.addAll(ofAvailability(subject, target.get()));
        }
        return findings;
    }

    private static Finding error(String target, String problem, String remedy) {
        return new Finding(Severity.ERROR, target, problem, remedy);
    }

    private static List<Finding> ofUrl(String subject, TargetSettings settings) {
        String url = settings.url();
        if (url.isBlank()) {
            return List.of(error(
                    subject,
                    "has no URL: Longhorn backs up nothing, though its RecurringJobs report success",
                    "set it in " + settings.place() + ", e.g. s3://bucket@region/path/"));
        }
        List<Finding> findings = new ArrayList<>();
        if (!url.equals(url.strip())) {
            findings.add(error(
                    subject,
                    "its URL '" + url
                            + "' begins or ends with white space, which Longhorn takes for a part of the path",
                    "remove it in " + settings.place()));
        }
        if (settings.isS3()) {
            Matcher parts = S3_URL.matcher(url.strip());
            boolean s3 = parts.matches();
            if (!s3 || parts.group(1).isEmpty()) {
                findings.add(
                        error(subject, "its URL " + url + " names no bucket", "write it as s3://bucket@region/path/"));
            }
            if (s3 && (parts.group(3) == null)) {
                findings.add(error(
                        subject,
                        "its URL " + url + " lacks the slash at its end",
                        "write " + url.strip() + "/ in " + settings.place()));
            }
            if (s3 && (parts.group(2) == null || parts.group(2).isEmpty())) {
                findings.add(error(
                        subject,
                        "its URL " + url + " names no region, which the requests are signed for",
                        "write s3://bucket@region/path/ in " + settings.place()));
            }
        }
        return findings;
    }

    private List<Finding> ofSecret(String subject, TargetSettings settings)
            throws BackupException, InterruptedException {
        String name = settings.credentialSecret();
        if (name.isBlank()) {
            return settings.isS3()
                    ? List.of(error(
                            subject,
                            "names no secret with credentials, which s3 needs",
                            "make one with " + String.join(", ", KEYS) + " in namespace " + cluster.namespace()
                                    + " and name it in " + settings.secretPlace()))
                    : List.of();
        }
        Optional<ObjectNode> secret;
        try {
            secret = cluster.find(ResourceType.SECRET, name);
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            return List.of(new Finding(
                    Severity.INFO,
                    subject,
                    "whether its secret " + name + " is right cannot be seen: " + e.problem(),
                    e.remedy()));
        }
        if (secret.isEmpty()) {
            return List.of(error(
                    subject,
                    "its secret " + name + " is not in namespace " + cluster.namespace(),
                    "make it, or name another in " + settings.secretPlace()));
        }
        return ofKeys(subject, name, secret.get(), settings);
    }

    private static List<Finding> ofKeys(String subject, String name, ObjectNode secret, TargetSettings settings) {
        List<Finding> findings = new ArrayList<>();
        boolean byRole = !value(secret, "AWS_IAM_ROLE_ARN").isBlank();
        if (settings.isS3() && !byRole) {
            for (String key : KEYS) {
                if (value(secret, key).isBlank()) {
                    findings.add(error(
                            subject,
                            "its secret " + name + " has no " + key,
                            "add it, encoded in base64 without a" + " line break"));
                }
            }
        }
        secret.path("data").properties().forEach(entry -> {
            String value = decoded(entry.getValue().asText(""));
            // A certificate ends with a line break, and may.
            if (!entry.getKey().equals("AWS_CERT") && !value.equals(value.strip())) {
                findings.add(error(
                        subject,
                        entry.getKey() + " of its secret " + name + " begins or ends with white space",
                        "make the secret again without it: printf %s VALUE | base64"));
            }
        });
        return findings;
    }

    private static String value(ObjectNode secret, String key) {
        return decoded(secret.path("data").path(key).asText(""));
    }

    private static String decoded(String base64) {
        try {
            return new String(Base64.getDecoder().decode(base64.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return base64;
        }
    }

    private List<Finding> ofAvailability(String subject, BackupTargetResource before)
            throws BackupException, InterruptedException {
        Instant asked;
        try {
            asked = cluster.requestSync(ResourceType.BACKUP_TARGET, before.name());
        } catch (BackupException e) {
            if (e.kind() != Kind.CREDENTIALS) {
                throw e;
            }
            return before.available()
                    ? List.of(new Finding(
                            Severity.WARNING,
                            subject,
                            "says that it is available, last read at " + before.lastSyncedAt()
                                    + "; whether that is still so may not be asked: " + e.problem(),
                            e.remedy()))
                    : List.of(unavailable(subject, before));
        }
        Instant end = asked.plus(FRESH_WITHIN);
        while (true) {
            BackupTargetResource now =
                    cluster.find(ResourceType.BACKUP_TARGET, before.name()).orElse(before);
            if (now.available() && isReadSince(asked, before, now)) {
                return List.of();
            }
            Instant time = cluster.waiting().now();
            if (!now.available() && time.isAfter(asked.plus(UNAVAILABLE_AFTER))) {
                return List.of(unavailable(subject, now));
            }
            if (time.isAfter(end)) {
                return List.of(error(
                        subject,
                        "says that it is available, but Longhorn has not read it since " + now.lastSyncedAt()
                                + " though it was asked to at " + asked,
                        "look at the log of longhorn-manager; a secret that is gone keeps it from trying"));
            }
            cluster.waiting().sleep(LOOK_EVERY);
        }
    }

    /** Longhorn's clock may be behind ours: a reading that is newer than the one before counts, too. */
    private static boolean isReadSince(Instant asked, BackupTargetResource before, BackupTargetResource now) {
        Instant read = now.lastSyncedAt();
        Instant earlier = before.lastSyncedAt();
        return read != null && (!read.isBefore(asked) || (earlier != null && read.isAfter(earlier)));
    }

    private static Finding unavailable(String subject, BackupTargetResource target) {
        return error(
                subject,
                "is not available: "
                        + (target.unavailable().isEmpty() ? "Longhorn does not say why" : target.unavailable()),
                "mend it in Longhorn; a RecurringJob does not tell of it");
    }
}
