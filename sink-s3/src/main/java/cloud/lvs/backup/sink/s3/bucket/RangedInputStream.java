package cloud.lvs.backup.sink.s3.bucket;

import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Reads an object range by range, each fetched whole and repeated if it breaks, all of the same version. No connection waits
 * for the reader: stores cut one that is idle for a minute.
 */
public final class RangedInputStream extends InputStream {
    private static final int RANGE = 8 * 1024 * 1024;
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

    private final Bucket bucket;
    private final ObjectKey key;
    private final String fullKey;
    private byte[] range = {};
    private int position;
    private int limit;
    private long fetched;
    private long size = -1;
    private @Nullable String etag;
    private boolean closed;

    private RangedInputStream(Bucket bucket, ObjectKey key) throws BackupException {
        this.bucket = bucket;
        this.key = key;
        this.fullKey = bucket.keyOf(key);
    }

    public static InputStream open(Bucket bucket, ObjectKey key) throws BackupException, InterruptedException {
        RangedInputStream stream = new RangedInputStream(bucket, key);
        stream.fetch();
        return stream;
    }

    /** What came of one request. */
    private enum Answer {
        BYTES,
        MISSING,
        REPLACED,
        OUT_OF_RANGE
    }

    private void fetch() throws BackupException, InterruptedException {
        long last = (size < 0 ? fetched + RANGE : Math.min(size, fetched + RANGE)) - 1;
        GetObjectRequest request = GetObjectRequest.builder()
                .bucket(bucket.name())
                .key(fullKey)
                .range("bytes=" + fetched + "-" + last)
                .ifMatch(etag)
                .overrideConfiguration(bucket.large())
                .build();
        switch (ask(request)) {
            case MISSING -> throw missing();
            case REPLACED -> throw problem("was replaced while it was read", "read it again");
            case OUT_OF_RANGE -> requireEmpty();
            case BYTES -> fetched += limit;
        }
    }

    private Answer ask(GetObjectRequest request) throws BackupException, InterruptedException {
        try {
            return send(request);
        } catch (BackupException e) {
            if (bucket.hidesAbsence(e, key)) {
                return Answer.MISSING;
            }
            throw e;
        }
    }

    private Answer send(GetObjectRequest request) throws BackupException, InterruptedException {
        return bucket.ask("read object " + key, client -> {
            try {
                return client.getObject(request, this::receive);
            } catch (S3Exception e) {
                return switch (e.statusCode()) {
                    case 404 -> {
                        if (ExceptionTranslator.code(e).equals("NoSuchBucket")) {
                            throw e;
                        }
                        yield Answer.MISSING;
                    }
                    case 412 -> Answer.REPLACED;
                    case 416 -> Answer.OUT_OF_RANGE;
                    default -> throw e;
                };
            }
        });
    }

    private Answer receive(GetObjectResponse response, InputStream in) throws IOException {
        long total;
        long length = response.contentLength() == null ? -1 : response.contentLength();
        String contentRange = response.contentRange();
        if (contentRange == null) {
            // The whole object, from a store that knows no ranges; fine if it is small.
            total = length;
            if (fetched > 0 || total < 0 || total > RANGE) {
                throw problem("is not given out in ranges by this store", "use a store that honours Range requests");
            }
        } else {
            Matcher matcher = CONTENT_RANGE.matcher(contentRange);
            if (!matcher.matches()
                    || Long.parseLong(matcher.group(1)) != fetched
                    || length != Long.parseLong(matcher.group(2)) - fetched + 1) {
                throw problem("came with another range than was asked for", "look for a proxy that alters requests");
            }
            total = Long.parseLong(matcher.group(3));
            long expected = Math.min(RANGE, total - fetched);
            if (length != expected) {
                throw problem("came with a shorter range than was asked for", "look for a proxy that alters requests");
            }
        }
        if (size >= 0 && total != size) {
            throw problem("was replaced while it was read", "read it again");
        }
        if (range.length < length) {
            range = new byte[(int) length];
        }
        int n;
        try {
            n = in.readNBytes(range, 0, (int) length);
        } catch (IOException e) {
            throw RetryableException.create("the answer broke off", e);
        }
        if (n < length) {
            throw RetryableException.create("the answer broke off after " + n + " of " + length + " bytes");
        }
        size = total;
        if (etag == null && response.eTag() != null && !response.eTag().isEmpty()) {
            etag = response.eTag();
        }
        position = 0;
        limit = n;
        return Answer.BYTES;
    }

    /** An empty object has no range that could be asked for. */
    private void requireEmpty() throws BackupException, InterruptedException {
        long found = bucket.head(key).orElseThrow(this::missing).contentLength();
        if (found != 0 || fetched != 0) {
            throw problem("was replaced while it was read", "read it again");
        }
        size = 0;
        limit = 0;
        position = 0;
    }

    private BackupException missing() {
        return fetched == 0
                ? new BackupException(
                        Kind.NOT_FOUND,
                        "object " + key,
                        "does not exist in " + bucket.target(),
                        "list the backups that are there, or check the sink's bucket and prefix")
                : problem("was deleted while it was read", "look for another process that deletes there");
    }

    private BackupException problem(String problem, String remedy) {
        return new BackupException(Kind.SINK, "object " + key, problem + " (" + bucket.target() + ")", remedy);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int count) throws IOException {
        Objects.checkFromIndexSize(offset, count, target.length);
        if (closed) {
            throw new IOException("stream of object " + key + " is closed");
        }
        if (count == 0) {
            return 0;
        }
        if (position == limit) {
            if (fetched == size) {
                return -1;
            }
            try {
                fetch();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("asked to stop reading object " + key).initCause(e);
            }
        }
        int n = Math.min(count, limit - position);
        System.arraycopy(range, position, target, offset, n);
        position += n;
        return n;
    }

    @Override
    public int available() {
        return limit - position;
    }

    @Override
    public void close() {
        closed = true;
        range = new byte[0];
        position = limit;
    }
}
