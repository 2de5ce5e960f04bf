package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.DeleteMarkerEntry;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Everything a versioned bucket keeps under one key.
 *
 * @param latest ids of what is seen without naming a version, at most one: an object or a delete marker
 * @param older ids of what lies below it, delete markers included
 */
record ObjectVersions(List<String> latest, List<String> older) {
    ObjectVersions {
        latest = List.copyOf(latest);
        older = List.copyOf(older);
    }

    /**
     * Asks for the versions of a key; empty if the store does not let us. Works on an interrupted thread.
     *
     * @param fullKey with the sink's prefix
     */
    static Optional<ObjectVersions> of(Bucket bucket, String fullKey) throws BackupException {
        List<String> latest = new ArrayList<>();
        List<String> older = new ArrayList<>();
        PageMarkers markers = new PageMarkers();
        @Nullable String keyMarker = null;
        @Nullable String versionMarker = null;
        while (true) {
            Optional<ListObjectVersionsResponse> answer = page(bucket, fullKey, keyMarker, versionMarker);
            if (answer.isEmpty()) {
                return Optional.empty();
            }
            ListObjectVersionsResponse page = answer.get();
            if (page.isTruncated() == null) {
                throw untrue(bucket, "something that is no listing");
            }
            boolean beyond = false;
            for (ObjectVersion version : page.versions()) {
                if (fullKey.equals(version.key())) {
                    add(bucket, version.versionId(), version.isLatest(), latest, older);
                } else {
                    beyond = true;
                }
            }
            for (DeleteMarkerEntry marker : page.deleteMarkers()) {
                if (fullKey.equals(marker.key())) {
                    add(bucket, marker.versionId(), marker.isLatest(), latest, older);
                } else {
                    beyond = true;
                }
            }
            // The key itself comes first of all that begin with it.
            if (!page.isTruncated() || beyond) {
                return Optional.of(new ObjectVersions(latest, older));
            }
            keyMarker = page.nextKeyMarker();
            versionMarker = page.nextVersionIdMarker();
            Optional<String> fault = markers.fault(
                    keyMarker == null ? null : keyMarker + '\n' + versionMarker,
                    page.versions().size() + page.deleteMarkers().size());
            if (fault.isPresent()) {
                throw untrue(bucket, fault.get());
            }
        }
    }

    private static void add(
            Bucket bucket, @Nullable String id, @Nullable Boolean isLatest, List<String> latest, List<String> older)
            throws BackupException {
        if (id == null || id.isEmpty()) {
            throw untrue(bucket, "a version without an id");
        }
        (Boolean.TRUE.equals(isLatest) ? latest : older).add(id);
    }

    private static Optional<ListObjectVersionsResponse> page(
            Bucket bucket, String fullKey, @Nullable String keyMarker, @Nullable String versionMarker)
            throws BackupException {
        return bucket.finish("list the versions of " + fullKey, client -> {
            try {
                return Optional.of(client.listObjectVersions(request -> request.bucket(bucket.name())
                        .prefix(fullKey)
                        .keyMarker(keyMarker)
                        .versionIdMarker(versionMarker)));
            } catch (S3Exception e) {
                if (ExceptionTranslator.code(e).equals("AccessDenied") || ExceptionTranslator.saysUnsupported(e)) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private static BackupException untrue(Bucket bucket, String what) {
        return new BackupException(
                Kind.SINK,
                bucket.target(),
                "cannot list versions: it answers with " + what,
                "look at the store, and for a proxy in between");
    }
}
