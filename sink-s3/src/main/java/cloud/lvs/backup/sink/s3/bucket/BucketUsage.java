package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.StoredObject;
import cloud.lvs.backup.spi.Usage;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.ListBucketsResponse;
import software.amazon.awssdk.services.s3.model.ListObjectVersionsResponse;
import software.amazon.awssdk.services.s3.model.ObjectVersion;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * How full buckets are: what the store itself counts, where {@code HeadBucket} tells it as Ceph RGW's does, else the sum of a
 * listing of the whole bucket. Either way every version of an object counts, as it takes space; a delete marker does not.
 */
public final class BucketUsage {
    private static final Logger LOG = LoggerFactory.getLogger(BucketUsage.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,254}");
    private static final String COUNT = "x-rgw-object-count";
    private static final String BYTES = "x-rgw-bytes-used";
    /** Without it Ceph RGW no longer tells the two from version 20 on; others ignore it. */
    private static final String ASK_FOR_COUNT = "read-stats";

    private final Bucket own;

    public BucketUsage(Bucket own) {
        // Looked at, never made.
        this.own = own.whole(own.name());
    }

    public List<Usage> of(Usage.Scope scope) throws BackupException, InterruptedException {
        List<Usage> usages = new ArrayList<>();
        for (String name : scope == Usage.Scope.OWN ? List.of(own.name()) : names()) {
            usages.add(usageOf(own.whole(name)));
        }
        return List.copyOf(usages);
    }

    /** What the store itself counts in a bucket, or empty if it does not tell. */
    public static Optional<Usage.Measured> counted(Bucket bucket, SdkHttpResponse head) {
        Optional<Long> objects = head.firstMatchingHeader(COUNT).flatMap(BucketUsage::number);
        Optional<Long> bytes = head.firstMatchingHeader(BYTES).flatMap(BucketUsage::number);
        return objects.flatMap(count -> bytes.map(sum -> new Usage.Measured(bucket.name(), count, sum)));
    }

    private static Optional<Long> number(String text) {
        return text.matches("\\d{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
    }

    /** All that the credentials show; the sink's own bucket also if it belongs to someone else. */
    private Set<String> names() throws BackupException, InterruptedException {
        Set<String> names = new TreeSet<>(Set.of(own.name()));
        PageMarkers markers = new PageMarkers();
        @Nullable String token = null;
        do {
            ListBucketsResponse page = bucketsFrom(token);
            if (!page.hasBuckets() && page.owner() == null) {
                throw untrue(own, "something that is no list of buckets");
            }
            for (var bucket : page.buckets()) {
                if (bucket.name() == null || !NAME.matcher(bucket.name()).matches()) {
                    throw untrue(own, "a bucket without a proper name");
                }
                names.add(bucket.name());
            }
            token = page.continuationToken();
            if (token != null && !token.isEmpty()) {
                Optional<String> fault = markers.fault(token, page.buckets().size());
                if (fault.isPresent()) {
                    throw untrue(own, fault.get());
                }
            }
        } while (token != null && !token.isEmpty());
        return names;
    }

    private ListBucketsResponse bucketsFrom(@Nullable String token) throws BackupException, InterruptedException {
        try {
            return own.call(
                    "list the buckets of this key",
                    client -> client.listBuckets(request -> request.continuationToken(token)));
        } catch (BackupException e) {
            if (e.getCause() instanceof S3Exception refusal
                    && ExceptionTranslator.code(refusal).equals("AccessDenied")) {
                throw new BackupException(
                        e.kind(),
                        e.target(),
                        e.problem(),
                        "give the key permission to list all buckets, or ask for the configured ones alone",
                        e);
            }
            throw e;
        }
    }

    private static Usage usageOf(Bucket bucket) throws InterruptedException {
        try {
            Optional<Usage.Measured> counted = countedByTheStore(bucket);
            return counted.isPresent() ? counted.get() : listed(bucket);
        } catch (BackupException e) {
            return new Usage.Unknown(bucket.name(), e);
        }
    }

    private static Optional<Usage.Measured> countedByTheStore(Bucket bucket)
            throws BackupException, InterruptedException {
        return bucket.call("ask for the bucket's size", client -> {
            try {
                return counted(
                        bucket,
                        client.headBucket(request -> request.bucket(bucket.name())
                                        .overrideConfiguration(
                                                with -> with.putRawQueryParameter(ASK_FOR_COUNT, "true")))
                                .sdkHttpResponse());
            } catch (S3Exception e) {
                if (e.statusCode() >= 500) {
                    throw e;
                }
                // The answer to HEAD does not say why; that to a listing does.
                return Optional.empty();
            }
        });
    }

    private static Usage.Measured listed(Bucket bucket) throws BackupException, InterruptedException {
        Optional<Usage.Measured> versions = listedVersions(bucket);
        return versions.isPresent() ? versions.get() : listedObjects(bucket);
    }

    /** Empty if the store knows no versions, or does not show them to this key. */
    private static Optional<Usage.Measured> listedVersions(Bucket bucket) throws BackupException, InterruptedException {
        long objects = 0;
        long bytes = 0;
        PageMarkers markers = new PageMarkers();
        @Nullable String keyMarker = null;
        @Nullable String versionMarker = null;
        while (true) {
            Optional<ListObjectVersionsResponse> answer = versions(bucket, keyMarker, versionMarker);
            if (answer.isEmpty()) {
                return Optional.empty();
            }
            ListObjectVersionsResponse page = answer.get();
            if (page.isTruncated() == null) {
                throw untrue(bucket, "something that is no listing");
            }
            for (ObjectVersion version : page.versions()) {
                if (version.size() == null) {
                    throw untrue(bucket, "an object without a size");
                }
                objects++;
                bytes += version.size();
            }
            if (!page.isTruncated()) {
                return Optional.of(new Usage.Measured(bucket.name(), objects, bytes));
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

    private static Optional<ListObjectVersionsResponse> versions(
            Bucket bucket, @Nullable String keyMarker, @Nullable String versionMarker)
            throws BackupException, InterruptedException {
        return bucket.call("list the versions of its objects", client -> {
            try {
                return Optional.of(client.listObjectVersions(request ->
                        request.bucket(bucket.name()).keyMarker(keyMarker).versionIdMarker(versionMarker)));
            } catch (S3Exception e) {
                if (keyMarker != null || e.statusCode() >= 500 && e.statusCode() != 501) {
                    throw e;
                }
                if (e.statusCode() == 403) {
                    LOG.warn("{} does not show versions to this key; older versions are not counted", bucket.target());
                }
                return Optional.empty();
            }
        });
    }

    private static Usage.Measured listedObjects(Bucket bucket) throws BackupException, InterruptedException {
        long objects = 0;
        long bytes = 0;
        try {
            for (Iterator<StoredObject> all = new Listing(bucket, "", ""); all.hasNext(); ) {
                objects++;
                bytes += all.next().sizeBytes();
            }
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof BackupException problem) {
                throw problem;
            }
            Thread.interrupted();
            throw (InterruptedException) new InterruptedException("asked to stop counting").initCause(e);
        }
        return new Usage.Measured(bucket.name(), objects, bytes);
    }

    private static BackupException untrue(Bucket bucket, String what) {
        return new BackupException(
                Kind.SINK,
                bucket.target(),
                "cannot be measured: the store answers with " + what,
                "look at the store, and for a proxy in between");
    }
}
