package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Multipart uploads that were neither completed nor aborted: no listing of objects shows them, but they take space. Thread-safe;
 * works on an interrupted thread.
 *
 * <p>Those of a dead run go when its keys are deleted, since its journal names them. {@link #sweepOnce} is for what no journal
 * names any more, such as the first of two uploads when the reply to its beginning was lost.
 */
public final class UnfinishedUploads {
    /** How long an upload has to be without any new part to be taken for dead. */
    static final Duration STALE = Duration.ofHours(24);

    private static final Logger LOG = LoggerFactory.getLogger(UnfinishedUploads.class);

    /** Takes one upload; what it throws ends the listing. */
    @FunctionalInterface
    public interface Visitor {
        void visit(MultipartUpload upload, Optional<Instant> storeTime) throws BackupException;
    }

    /** What became of a request to discard an upload. */
    enum Discarded {
        GONE,
        REFUSED
    }

    private final Bucket bucket;
    private final AtomicBoolean swept = new AtomicBoolean();

    public UnfinishedUploads(Bucket bucket) {
        this.bucket = bucket;
    }

    /**
     * Visits the uploads of keys that begin with {@code prefix}; none if the store cannot list them, or does not let us.
     *
     * @param prefix with the sink's own
     */
    public void visit(String prefix, Visitor visitor) throws BackupException {
        PageMarkers markers = new PageMarkers();
        @Nullable String keyMarker = null;
        @Nullable String uploadMarker = null;
        while (true) {
            Optional<ListMultipartUploadsResponse> answer = page(prefix, keyMarker, uploadMarker);
            if (answer.isEmpty()) {
                return;
            }
            ListMultipartUploadsResponse page = answer.get();
            if (page.isTruncated() == null) {
                throw untrue("something that is no listing");
            }
            for (MultipartUpload upload : page.uploads()) {
                visitor.visit(upload, dateOf(page));
            }
            if (!page.isTruncated()) {
                return;
            }
            keyMarker = page.nextKeyMarker();
            uploadMarker = page.nextUploadIdMarker();
            Optional<String> fault = markers.fault(
                    keyMarker == null ? null : keyMarker + '\n' + uploadMarker,
                    page.uploads().size());
            if (fault.isPresent()) {
                throw untrue(fault.get());
            }
        }
    }

    private Optional<ListMultipartUploadsResponse> page(
            String prefix, @Nullable String keyMarker, @Nullable String uploadMarker) throws BackupException {
        return bucket.finish("list unfinished uploads", client -> {
            try {
                return Optional.of(client.listMultipartUploads(request -> request.bucket(bucket.name())
                        .prefix(prefix.isEmpty() ? null : prefix)
                        .keyMarker(keyMarker)
                        .uploadIdMarker(uploadMarker)));
            } catch (S3Exception e) {
                if (ExceptionTranslator.saysUnsupported(e)) {
                    return Optional.empty();
                }
                if (ExceptionTranslator.code(e).equals("AccessDenied")) {
                    LOG.warn(
                            "{} does not let this key list unfinished uploads; those of dead runs stay",
                            bucket.target());
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    private BackupException untrue(String what) {
        return new BackupException(
                Kind.SINK,
                bucket.target(),
                "cannot list its unfinished uploads: it answers with " + what,
                "look at the store, and for a proxy in between");
    }

    /** @param fullKey with the sink's prefix */
    Discarded discard(String fullKey, String uploadId) throws BackupException {
        return bucket.finish("discard the unfinished object " + fullKey, client -> {
            try {
                client.abortMultipartUpload(
                        request -> request.bucket(bucket.name()).key(fullKey).uploadId(uploadId));
            } catch (S3Exception e) {
                if (ExceptionTranslator.code(e).equals("AccessDenied")) {
                    return Discarded.REFUSED;
                }
                if (e.statusCode() != 404 || ExceptionTranslator.code(e).equals("NoSuchBucket")) {
                    throw e;
                }
            }
            return Discarded.GONE;
        });
    }

    /**
     * Discards the uploads under the sink's prefix that have been without a new part for {@link #STALE}, by the store's clock.
     * Only the first call does anything, and nothing is done without a prefix: uploads of others in the same bucket could not be
     * told apart. A failure is a warning.
     */
    public void sweepOnce() {
        if (bucket.prefix().isEmpty() || !swept.compareAndSet(false, true)) {
            return;
        }
        List<MultipartUpload> stale = new ArrayList<>();
        try {
            visit(bucket.prefix(), (upload, storeTime) -> {
                if (isOurs(upload) && storeTime.isPresent() && isStale(upload, storeTime.get())) {
                    stale.add(upload);
                }
            });
            for (MultipartUpload upload : stale) {
                Discarded outcome = discard(upload.key(), upload.uploadId());
                LOG.info(
                        "{} the upload of {} that was begun at {} and never finished",
                        outcome == Discarded.GONE ? "discarded" : "may not discard",
                        upload.key(),
                        upload.initiated());
            }
        } catch (BackupException e) {
            LOG.warn("stale uploads were not discarded: {}", e.getMessage());
        }
    }

    private boolean isOurs(MultipartUpload upload) {
        return upload.key() != null && upload.uploadId() != null && upload.key().startsWith(bucket.prefix());
    }

    /** A large object may take long: an upload is alive as long as parts arrive. */
    private boolean isStale(MultipartUpload upload, Instant storeTime) throws BackupException {
        Instant limit = storeTime.minus(STALE);
        return upload.initiated() != null && upload.initiated().isBefore(limit) && !hasPartSince(limit, upload);
    }

    private boolean hasPartSince(Instant limit, MultipartUpload upload) throws BackupException {
        PageMarkers markers = new PageMarkers();
        @Nullable Integer marker = null;
        while (true) {
            @Nullable Integer after = marker;
            Optional<ListPartsResponse> answer = bucket.finish("list the parts of " + upload.key(), client -> {
                try {
                    return Optional.of(client.listParts(request -> request.bucket(bucket.name())
                            .key(upload.key())
                            .uploadId(upload.uploadId())
                            .partNumberMarker(after)));
                } catch (S3Exception e) {
                    if (e.statusCode() == 403 || e.statusCode() == 404 || ExceptionTranslator.saysUnsupported(e)) {
                        return Optional.empty();
                    }
                    throw e;
                }
            });
            if (answer.isEmpty()) {
                // Finished meanwhile, or not for us to know.
                return true;
            }
            ListPartsResponse page = answer.get();
            for (Part part : page.parts()) {
                if (part.lastModified() == null || !part.lastModified().isBefore(limit)) {
                    return true;
                }
            }
            if (!Boolean.TRUE.equals(page.isTruncated())) {
                return false;
            }
            marker = page.nextPartNumberMarker();
            if (markers.fault(
                            marker == null ? null : marker.toString(),
                            page.parts().size())
                    .isPresent()) {
                return true;
            }
        }
    }

    private static Optional<Instant> dateOf(ListMultipartUploadsResponse answer) {
        try {
            return answer.sdkHttpResponse()
                    .firstMatchingHeader("Date")
                    .map(text -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
