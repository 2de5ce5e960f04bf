package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.StoredObject;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Walks the pages of {@code ListObjectsV2}. A page that cannot be true ends the walk with an error: from a short listing
 * backups would be called missing, or deleted as leftovers.
 */
public final class Listing implements Iterator<StoredObject> {
    private final Bucket bucket;
    private final String prefix;
    private final String wanted;
    private final String asked;
    private final String after;
    private Iterator<S3Object> page = Collections.emptyIterator();
    private final PageMarkers markers = new PageMarkers();
    private @Nullable String token;
    private boolean begun;
    private @Nullable String lastKey;
    private @Nullable StoredObject next;

    /** @param after only keys greater than this, relative to the bucket's prefix as well; empty for all */
    public Listing(Bucket bucket, String prefix, String after) {
        this.bucket = bucket;
        this.after = after;
        this.prefix = prefix;
        this.wanted = bucket.prefix() + prefix;
        this.asked = bucket.prefix() + plainPart(prefix);
    }

    /**
     * A prefix up to its first segment that a store on a file system would take for a step in a path: it is asked for more,
     * and the rest left out here.
     */
    private static String plainPart(String prefix) {
        int start = 0;
        while (start < prefix.length()) {
            int slash = prefix.indexOf('/', start);
            String segment = prefix.substring(start, slash < 0 ? prefix.length() : slash);
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                return prefix.substring(0, start);
            }
            if (slash < 0) {
                break;
            }
            start = slash + 1;
        }
        return prefix;
    }

    @Override
    public boolean hasNext() {
        try {
            return advance();
        } catch (BackupException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException stopped = new InterruptedIOException("asked to stop listing " + bucket.target());
            stopped.initCause(e);
            throw new UncheckedIOException(stopped);
        }
    }

    /** As {@link #hasNext}, with the exceptions as they are. */
    boolean advance() throws BackupException, InterruptedException {
        while (next == null) {
            if (page.hasNext()) {
                next = object(page.next());
            } else if (begun && token == null) {
                return false;
            } else {
                turn();
            }
        }
        return true;
    }

    @Override
    public StoredObject next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException();
        }
        StoredObject result = next;
        next = null;
        return result;
    }

    private void turn() throws BackupException, InterruptedException {
        ListObjectsV2Response answer = ask();
        if (answer.isTruncated() == null) {
            // Of any XML the SDK makes an empty answer, of a proxy's error page as well.
            throw untrue("something that is no listing");
        }
        String following = null;
        if (answer.isTruncated()) {
            following = answer.nextContinuationToken();
            if (!answer.contents().isEmpty()) {
                markers.keepOnly(token);
            }
            Optional<String> fault = markers.fault(following, answer.contents().size());
            if (fault.isPresent()) {
                throw untrue(fault.get());
            }
        }
        token = following;
        begun = true;
        page = answer.contents().iterator();
    }

    /** Without encoding-type=url: Ceph RGW then leaves the prefix as it is, and the SDK stumbles over a '%' in it. */
    private ListObjectsV2Response ask() throws BackupException, InterruptedException {
        try {
            return bucket.ask(
                    "list objects below '" + prefix + "'",
                    client -> client.listObjectsV2(request -> request.bucket(bucket.name())
                            .prefix(asked.isEmpty() ? null : asked)
                            .startAfter(token == null && !after.isEmpty() ? bucket.prefix() + after : null)
                            .continuationToken(token)));
        } catch (BackupException e) {
            if (e.getCause() instanceof S3Exception refusal
                    && ExceptionTranslator.code(refusal).equals("AccessDenied")) {
                throw new BackupException(
                        e.kind(),
                        e.target(),
                        e.problem(),
                        "give the key permission to list the bucket: s3:ListBucket (Backblaze B2: listBuckets, listFiles)",
                        e);
            }
            throw e;
        }
    }

    private @Nullable StoredObject object(S3Object listed) throws BackupException {
        String key = listed.key();
        if (key == null || listed.size() == null || listed.lastModified() == null) {
            throw untrue("an object without key, size or date");
        }
        if (!key.startsWith(asked)) {
            throw untrue("an object outside the prefix asked for");
        }
        if (lastKey != null && !isAfter(key, lastKey)) {
            throw untrue("keys out of order, or the same ones again");
        }
        lastKey = key;
        String relative = key.substring(bucket.prefix().length());
        // An empty one is what some tools put there to show the prefix as a folder.
        return relative.isEmpty() || !key.startsWith(wanted) || relative.compareTo(after) <= 0
                ? null
                : new StoredObject(relative, listed.size(), listed.lastModified());
    }

    /** By UTF-8 bytes as S3 says, or by UTF-16 code units as some stores do; they differ only above U+D7FF. */
    private static boolean isAfter(String key, String other) {
        return key.compareTo(other) > 0
                || Arrays.compareUnsigned(key.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8))
                        > 0;
    }

    private BackupException untrue(String what) {
        return new BackupException(
                Kind.SINK,
                bucket.target(),
                "cannot be listed: it answers with " + what,
                "look at the store, and for a proxy in between");
    }
}
