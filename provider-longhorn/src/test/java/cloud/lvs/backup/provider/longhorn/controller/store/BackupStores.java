package cloud.lvs.backup.provider.longhorn.controller.store;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The buckets that exist, and what lies in them under the path of each target's URL. */
public final class BackupStores {
    private static final Pattern URL =
            Pattern.compile("(?<scheme>[a-z0-9]+)://(?<bucket>[^/@]*)(?:@(?<region>[^/]*))?(?<path>/.*)?");

    private final TreeSet<String> buckets = new TreeSet<>();
    private final Map<String, TreeMap<String, StoredVolume>> volumes = new TreeMap<>();
    private boolean reachable = true;

    /** What lies below a URL lies below another one from now on, as after a bucket was copied; the bucket is made. */
    public void move(String from, String to) {
        bucket(to.substring("s3://".length(), to.indexOf('@')));
        volumes(to).putAll(volumes(from));
        volumes(from).clear();
    }

    /** Makes a bucket. */
    public void bucket(String name) {
        buckets.add(name);
    }

    /** The store can no longer be reached. */
    public void disconnect() {
        reachable = false;
    }

    /** The store can be reached again. */
    public void reconnect() {
        reachable = true;
    }

    /** Whether the store can be reached. */
    public boolean reachable() {
        return reachable;
    }

    /** The volumes stored under a target's URL. */
    public Map<String, StoredVolume> volumes(String url) {
        Matcher match = URL.matcher(url);
        String place = match.matches() ? match.group("bucket") + match.group("path") : url;
        return volumes.computeIfAbsent(place, key -> new TreeMap<>());
    }

    /** The backups of a volume that lie in the store of a target. */
    public Map<String, StoredBackup> backups(String url, String volume) {
        return Optional.ofNullable(volumes(url).get(volume))
                .map(StoredVolume::backups)
                .orElse(Map.of());
    }

    /** Why a target with this URL is unavailable, in the words of the engine; empty when it is not. */
    public Optional<String> trouble(String url) {
        if (!url.startsWith("s3://")) {
            return Optional.empty();
        }
        Matcher match = URL.matcher(url);
        if (!match.matches() || match.group("path") == null) {
            return Optional.of("invalid URL. Must be either s3://bucket@region/path/, or s3://bucket/path");
        }
        if (match.group("region") == null) {
            return Optional.of(listFailed("AWS Operation Error ListObjectsV2 failed to resolve service endpoint,"
                    + " endpoint rule error, A region must be set when sending requests to S3."));
        }
        if (!reachable) {
            return Optional.of(listFailed("AWS Operation Error ListObjectsV2 exceeded maximum number of attempts, 3,"
                    + " https response error StatusCode: 0, RequestID: , HostID: , request send failed, Get"
                    + " \\\"http://127.0.0.1:7480/\\\": dial tcp 127.0.0.1:7480: connect: connection refused"));
        }
        if (!buckets.contains(match.group("bucket"))) {
            return Optional.of(listFailed("AWS Error: NoSuchBucket The specified bucket does not exist"));
        }
        return Optional.empty();
    }

    private static String listFailed(String cause) {
        return "failed to list objects with param: &{Bucket:0xc000 Prefix:0xc001} error: " + cause;
    }
}
