package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
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
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** One deletion: first the unfinished uploads under the keys, so that none of them can still become an object. */
final class Deletion {
    private static final Logger LOG = LoggerFactory.getLogger(Deletion.class);
    private static final int MOST_AT_ONCE = 1_000;

    private final Bucket bucket;
    private final Map<String, ObjectKey> keys = new TreeMap<>();
    private final Map<ObjectKey, String> refused = new HashMap<>();

    Deletion(Bucket bucket, Collection<ObjectKey> keys) throws BackupException {
        this.bucket = bucket;
        for (ObjectKey key : keys) {
            this.keys.put(bucket.keyOf(key), key);
        }
    }

    DeleteReport run() throws BackupException {
        if (!keys.isEmpty()) {
            discardUploads();
            List<String> all = List.copyOf(keys.keySet());
            for (int from = 0; from < all.size(); from += MOST_AT_ONCE) {
                deleteBatch(all.subList(from, Math.min(all.size(), from + MOST_AT_ONCE)));
            }
        }
        return new DeleteReport(refused);
    }

    private void discardUploads() throws BackupException {
        String prefix = commonPrefix();
        @Nullable String keyMarker = null;
        @Nullable String uploadMarker = null;
        while (true) {
            Optional<ListMultipartUploadsResponse> answer = uploads(prefix, keyMarker, uploadMarker);
            if (answer.isEmpty()) {
                return;
            }
            ListMultipartUploadsResponse page = answer.get();
            if (page.isTruncated() == null) {
                throw untrue("something that is no listing");
            }
            for (MultipartUpload upload : page.uploads()) {
                ObjectKey key = keys.get(String.valueOf(upload.key()));
                if (key != null) {
                    discard(key, upload);
                }
            }
            if (!page.isTruncated()) {
                return;
            }
            String nextKey = page.nextKeyMarker();
            String nextUpload = page.nextUploadIdMarker();
            if (nextKey == null
                    || nextKey.equals(keyMarker) && String.valueOf(nextUpload).equals(uploadMarker)) {
                throw untrue("pages that go round in a circle");
            }
            keyMarker = nextKey;
            uploadMarker = nextUpload;
        }
    }

    private BackupException untrue(String what) {
        return new BackupException(
                Kind.SINK,
                bucket.target(),
                "cannot list its unfinished uploads: it answers with " + what,
                "look at the store, and for a proxy in between");
    }

    /** Empty if the store cannot list them, or does not let us. */
    private Optional<ListMultipartUploadsResponse> uploads(
            String prefix, @Nullable String keyMarker, @Nullable String uploadMarker) throws BackupException {
        return bucket.finish("list unfinished uploads", client -> {
            try {
                return Optional.of(client.listMultipartUploads(request -> request.bucket(bucket.name())
                        .prefix(prefix.isEmpty() ? null : prefix)
                        .keyMarker(keyMarker)
                        .uploadIdMarker(uploadMarker)));
            } catch (S3Exception e) {
                if (isUnsupported(e)) {
                    return Optional.empty();
                }
                if (Failures.code(e).equals("AccessDenied")) {
                    LOG.warn(
                            "{} does not let this key list unfinished uploads; those of dead runs stay",
                            bucket.target());
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private void discard(ObjectKey key, MultipartUpload upload) throws BackupException {
        bucket.finish("discard the unfinished object " + key, client -> {
            try {
                client.abortMultipartUpload(request ->
                        request.bucket(bucket.name()).key(upload.key()).uploadId(upload.uploadId()));
            } catch (S3Exception e) {
                if (Failures.code(e).equals("AccessDenied")) {
                    refused.put(key, "the store refuses to discard its unfinished upload (AccessDenied)");
                } else if (e.statusCode() != 404) {
                    throw e;
                }
            }
            return true;
        });
    }

    private void deleteBatch(List<String> batch) throws BackupException {
        List<ObjectIdentifier> objects = batch.stream()
                .map(key -> ObjectIdentifier.builder().key(key).build())
                .toList();
        Optional<DeleteObjectsResponse> possible = bucket.finish("delete " + batch.size() + " objects", client -> {
            try {
                return Optional.of(client.deleteObjects(request -> request.bucket(bucket.name())
                        .delete(delete -> delete.objects(objects).quiet(false))));
            } catch (S3Exception e) {
                if (isUnsupported(e)) {
                    return Optional.empty();
                }
                if (Failures.code(e).equals("AccessDenied")) {
                    batch.forEach(key -> refuse(key, "AccessDenied"));
                    return Optional.of(DeleteObjectsResponse.builder().build());
                }
                throw e;
            }
        });
        if (possible.isEmpty()) {
            for (String key : batch) {
                deleteOne(key);
            }
            return;
        }
        DeleteObjectsResponse answer = possible.get();
        Set<String> unanswered = new HashSet<>(batch);
        answer.deleted().forEach(deleted -> unanswered.remove(deleted.key()));
        answer.errors().forEach(error -> {
            unanswered.remove(error.key());
            if (!"NoSuchKey".equals(error.code())) {
                refuse(String.valueOf(error.key()), String.valueOf(error.code()));
            }
        });
        for (String key : unanswered) {
            ObjectKey silent = keys.get(key);
            if (silent != null) {
                refused.putIfAbsent(silent, "the store does not say what became of it");
            }
        }
    }

    private void deleteOne(String key) throws BackupException {
        bucket.finish("delete object " + keys.get(key), client -> {
            try {
                client.deleteObject(request -> request.bucket(bucket.name()).key(key));
            } catch (S3Exception e) {
                if (Failures.code(e).equals("AccessDenied")) {
                    refuse(key, "AccessDenied");
                } else if (!Failures.code(e).equals("NoSuchKey")) {
                    throw e;
                }
            }
            return true;
        });
    }

    private void refuse(String fullKey, String code) {
        ObjectKey key = keys.get(fullKey);
        if (key != null) {
            String shown = code.matches("[A-Za-z0-9._-]{1,64}") ? code : "no reason given";
            refused.put(key, "the store refuses to delete it (" + shown + ")");
        }
    }

    private static boolean isUnsupported(S3Exception e) {
        return e.statusCode() == 501 || e.statusCode() == 405;
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
