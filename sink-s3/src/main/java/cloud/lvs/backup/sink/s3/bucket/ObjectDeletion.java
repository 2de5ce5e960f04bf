package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.ObjectKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * One deletion: first the unfinished uploads under the keys, so that none of them can still become an object, then the objects.
 *
 * <p>In a versioned bucket a plain delete would only hide an object. So every version and delete marker of the keys is deleted
 * by its id, the one that is seen last: what lies below it must not come to light. A version under Object Lock is refused with
 * the end of its lock, and its key stays as it is. A key that may list or delete no versions hides the object instead, which
 * counts as deleted; a warning says that it still takes space.
 */
public final class ObjectDeletion {
    private static final Logger LOG = LoggerFactory.getLogger(ObjectDeletion.class);
    private static final String DENIED = "AccessDenied";
    private static final int MOST_AT_ONCE = 1_000;

    private final Bucket bucket;
    private final UnfinishedUploads uploads;
    private final Map<String, ObjectKey> keys = new TreeMap<>();
    private final Map<ObjectKey, String> refused = new HashMap<>();
    private final Set<ObjectKey> locked = new HashSet<>();
    private boolean onlyHidden;

    /** What is to be deleted; without a version what is seen now. */
    private record Target(String key, @Nullable String version) {
        ObjectIdentifier identifier() {
            return ObjectIdentifier.builder().key(key).versionId(version).build();
        }
    }

    public ObjectDeletion(Bucket bucket, UnfinishedUploads uploads, Collection<ObjectKey> keys) throws BackupException {
        this.bucket = bucket;
        this.uploads = uploads;
        for (ObjectKey key : keys) {
            this.keys.put(bucket.keyOf(key), key);
        }
    }

    public DeleteReport run() throws BackupException {
        if (!keys.isEmpty()) {
            discardUploads();
            if (bucket.mayKeepVersions()) {
                deleteVersions();
            } else {
                deleteSeen(keys.keySet());
            }
        }
        if (onlyHidden) {
            LOG.warn(
                    "{} keeps versions, and this key may not delete them: what was deleted is hidden but still takes space;"
                            + " give the key s3:ListBucketVersions and s3:DeleteObjectVersion, or let a lifecycle rule"
                            + " expire noncurrent versions",
                    bucket.target());
        }
        return new DeleteReport(refused, locked);
    }

    /** Whether something was only hidden by what has been run, since the key may list or delete no versions. */
    public boolean hasOnlyHidden() {
        return onlyHidden;
    }

    private void discardUploads() throws BackupException {
        uploads.visit(commonPrefix(), (upload, storeTime) -> {
            ObjectKey key = keys.get(String.valueOf(upload.key()));
            if (key != null
                    && uploads.discard(upload.key(), upload.uploadId()) == UnfinishedUploads.Discarded.REFUSED) {
                refused.put(key, "the store refuses to discard its unfinished upload (AccessDenied)");
            }
        });
    }

    private void deleteVersions() throws BackupException {
        List<Target> older = new ArrayList<>();
        List<Target> latest = new ArrayList<>();
        Set<String> unlisted = new HashSet<>();
        for (String key : keys.keySet()) {
            Optional<ObjectVersions> versions = unlisted.isEmpty() ? ObjectVersions.of(bucket, key) : Optional.empty();
            if (versions.isEmpty()) {
                unlisted.add(key);
                continue;
            }
            versions.get().older().forEach(id -> older.add(new Target(key, id)));
            versions.get().latest().forEach(id -> latest.add(new Target(key, id)));
        }
        deleteSeen(unlisted);
        Set<String> stuck = withholding(delete(older));
        Map<Target, String> denied = delete(
                latest.stream().filter(target -> !stuck.contains(target.key())).toList());
        stuck.addAll(withholding(denied));
        stuck.removeIf(key -> refused.containsKey(keys.get(key)));
        deleteSeen(stuck);
    }

    /** The keys of versions that may not be deleted; those that are locked are refused for good. */
    private Set<String> withholding(Map<Target, String> denied) throws BackupException {
        Set<String> withheld = new HashSet<>();
        for (Map.Entry<Target, String> each : denied.entrySet()) {
            Target target = each.getKey();
            withheld.add(target.key());
            if (!each.getValue().equals(DENIED)) {
                refuse(target.key(), reason(each.getValue()));
            } else {
                lockOf(target).ifPresent(lock -> refuseLocked(target.key(), lock));
            }
        }
        return withheld;
    }

    private Optional<String> lockOf(Target target) throws BackupException {
        Optional<HeadObjectResponse> head = bucket.finish("look for the lock of object " + target.key(), client -> {
            try {
                return Optional.of(client.headObject(request ->
                        request.bucket(bucket.name()).key(target.key()).versionId(target.version())));
            } catch (S3Exception e) {
                // A delete marker, gone, or not for us to see.
                if (e.statusCode() >= 400 && e.statusCode() < 500) {
                    return Optional.empty();
                }
                throw e;
            }
        });
        return head.flatMap(found -> {
            if (found.objectLockLegalHoldStatus() == ObjectLockLegalHoldStatus.ON) {
                return Optional.of("is under a legal hold, until someone lifts it");
            }
            Instant until = found.objectLockRetainUntilDate();
            return until == null
                    ? Optional.empty()
                    : Optional.of("is locked until " + until + " (" + found.objectLockModeAsString() + ")");
        });
    }

    /** Deletes what is seen of these keys now; in a versioned bucket that hides it. */
    private void deleteSeen(Collection<String> fullKeys) throws BackupException {
        List<Target> targets =
                fullKeys.stream().sorted().map(key -> new Target(key, null)).toList();
        delete(targets).forEach((target, code) -> refuse(target.key(), reason(code)));
    }

    private static String reason(String code) {
        return code.isEmpty()
                ? "the store does not say what became of it"
                : "the store refuses to delete it (" + code + ")";
    }

    /** @return what is not deleted, with the store's error code; empty if the store says nothing */
    private Map<Target, String> delete(List<Target> targets) throws BackupException {
        Map<Target, String> failed = new HashMap<>();
        for (int from = 0; from < targets.size(); from += MOST_AT_ONCE) {
            deleteBatch(targets.subList(from, Math.min(targets.size(), from + MOST_AT_ONCE)), failed);
        }
        return failed;
    }

    private void deleteBatch(List<Target> batch, Map<Target, String> failed) throws BackupException {
        List<ObjectIdentifier> objects = batch.stream().map(Target::identifier).toList();
        Optional<DeleteObjectsResponse> possible = bucket.finish("delete " + batch.size() + " objects", client -> {
            try {
                return Optional.of(client.deleteObjects(request -> request.bucket(bucket.name())
                        .delete(delete -> delete.objects(objects).quiet(false))));
            } catch (S3Exception e) {
                if (ExceptionTranslator.saysUnsupported(e)) {
                    return Optional.empty();
                }
                if (ExceptionTranslator.code(e).equals(DENIED)) {
                    batch.forEach(target -> failed.put(target, DENIED));
                    return Optional.of(DeleteObjectsResponse.builder().build());
                }
                throw e;
            }
        });
        if (possible.isEmpty()) {
            for (Target target : batch) {
                deleteOne(target, failed);
            }
            return;
        }
        DeleteObjectsResponse answer = possible.get();
        Set<Target> unanswered = new HashSet<>(batch);
        answer.deleted().forEach(deleted -> {
            Target target = target(deleted.key(), deleted.versionId(), unanswered);
            unanswered.remove(target);
            onlyHidden |= target.version() == null && Boolean.TRUE.equals(deleted.deleteMarker());
        });
        answer.errors().forEach(error -> {
            Target target = target(error.key(), error.versionId(), unanswered);
            unanswered.remove(target);
            if (!"NoSuchKey".equals(error.code()) && !"NoSuchVersion".equals(error.code())) {
                failed.put(target, shown(error.code()));
            }
        });
        for (Target target : unanswered) {
            failed.putIfAbsent(target, "");
        }
    }

    /** Stores name the version that was asked for; for a plain delete some name the marker they made. */
    private static Target target(@Nullable String key, @Nullable String version, Set<Target> asked) {
        Target exact = new Target(String.valueOf(key), version == null || version.isEmpty() ? null : version);
        Target plain = new Target(exact.key(), null);
        return !asked.contains(exact) && asked.contains(plain) ? plain : exact;
    }

    private void deleteOne(Target target, Map<Target, String> failed) throws BackupException {
        bucket.finish("delete object " + target.key(), client -> {
            try {
                boolean marker = Boolean.TRUE.equals(client.deleteObject(request ->
                                request.bucket(bucket.name()).key(target.key()).versionId(target.version()))
                        .deleteMarker());
                onlyHidden |= target.version() == null && marker;
            } catch (S3Exception e) {
                if (ExceptionTranslator.code(e).equals(DENIED)) {
                    failed.put(target, DENIED);
                } else if (!ExceptionTranslator.code(e).equals("NoSuchKey")) {
                    throw e;
                }
            }
            return true;
        });
    }

    private static String shown(@Nullable String code) {
        return code != null && code.matches("[A-Za-z0-9._-]{1,64}") ? code : "no reason given";
    }

    private void refuse(String fullKey, String reason) {
        ObjectKey key = keys.get(fullKey);
        if (key != null) {
            refused.putIfAbsent(key, reason);
        }
    }

    private void refuseLocked(String fullKey, String reason) {
        ObjectKey key = keys.get(fullKey);
        if (key != null && refused.putIfAbsent(key, reason) == null) {
            locked.add(key);
        }
    }

    /** What all keys begin with, so that one listing finds the uploads of them all. */
    private String commonPrefix() {
        List<String> sorted = new ArrayList<>(keys.keySet());
        String first = sorted.get(0);
        String last = sorted.get(sorted.size() - 1);
        int length = 0;
        while (length < Math.min(first.length(), last.length()) && first.charAt(length) == last.charAt(length)) {
            length++;
        }
        return length > 0 && Character.isHighSurrogate(first.charAt(length - 1))
                ? first.substring(0, length - 1)
                : first.substring(0, length);
    }
}
