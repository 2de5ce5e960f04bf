package cloud.lvs.backup.sink.s3.diagnosis;

import cloud.lvs.backup.sink.s3.S3SinkConfig.Addressing;
import cloud.lvs.backup.sink.s3.S3SinkConfig.ObjectLock;
import cloud.lvs.backup.sink.s3.bucket.Bucket;
import cloud.lvs.backup.sink.s3.bucket.BucketUsage;
import cloud.lvs.backup.sink.s3.client.ExceptionTranslator;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockConfiguration;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * What can be seen of a bucket, and of the way to it, without writing.
 *
 * @param lock what the sink's configuration says of locks
 */
record ReadOnlyChecks(Bucket bucket, @Nullable ObjectLock lock, Clock clock) {
    private static final Duration NOTABLE_SKEW = Duration.ofMinutes(1);
    /** From here on S3 refuses requests. */
    private static final Duration UNSAFE_SKEW = Duration.ofMinutes(15);

    Check transport() {
        String way = bucket.proxy().map(proxy -> " through proxy " + proxy).orElse("");
        return bucket.location().isPlainHttp()
                ? Check.warned(
                        "transport",
                        "plain http" + way
                                + ": whoever listens on the network sees every backup and can change it; use https, or at"
                                + " least encryption: {type: age}")
                : Check.passed("transport", "https" + way + ", with a certificate that is trusted");
    }

    Check addressing() {
        return Check.passed(
                "addressing",
                bucket.location().addressing() == Addressing.PATH
                        ? "requests name the bucket in the path"
                        : "requests name the bucket in the host name");
    }

    /** @param head the store's answer to a request for the bucket */
    Check region(SdkHttpResponse head) {
        String signed = bucket.location().region();
        String told = head.firstMatchingHeader("x-amz-bucket-region").orElse("");
        return told.isBlank() || told.equals(signed)
                ? Check.passed("region", "requests are signed for " + signed)
                : Check.warned(
                        "region",
                        "requests are signed for " + signed + ", the store says that the bucket is in "
                                + printable(told) + "; set the sink's region to that");
    }

    private static String printable(String text) {
        return text.matches("[A-Za-z0-9._-]{1,64}") ? text : "another region";
    }

    Check usage(SdkHttpResponse head) {
        return BucketUsage.counted(bucket, head)
                .map(usage -> Check.passed(
                        "usage",
                        "the store counts by itself: " + usage.objects() + " objects, " + usage.bytes() + " bytes"))
                .orElse(Check.warned(
                        "usage",
                        "the store does not tell how full the bucket is; metrics list all of it, one request for"
                                + " 1,000 objects"));
    }

    Check clockSkew(SdkHttpResponse head) {
        Instant here = clock.instant();
        Optional<Instant> there = head.firstMatchingHeader("Date").flatMap(ReadOnlyChecks::date);
        if (there.isEmpty()) {
            return Check.warned("clock", "the store does not tell its time, so the clocks were not compared");
        }
        Duration skew = Duration.between(there.get(), here);
        String seen = "this machine's clock is " + skew.abs().toSeconds() + " s "
                + (skew.isNegative() ? "behind" : "ahead of") + " the store's";
        if (skew.abs().compareTo(UNSAFE_SKEW) > 0) {
            return Check.failed(
                    "clock",
                    seen + ": backups would bear a wrong time, and retention could take new ones for old; set the clock"
                            + " (NTP)");
        }
        return skew.abs().compareTo(NOTABLE_SKEW) > 0
                ? Check.warned("clock", seen + ", and backups bear this machine's time; set the clock (NTP)")
                : Check.passed("clock", seen);
    }

    private static Optional<Instant> date(String header) {
        try {
            return Optional.of(ZonedDateTime.parse(header, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    Check versioning() throws BackupException, InterruptedException {
        return bucket.call("ask for versioning", client -> {
            try {
                String status = client.getBucketVersioning(request -> request.bucket(bucket.name()))
                        .statusAsString();
                if (status == null) {
                    return Check.passed("versioning", "off: what is deleted or replaced is gone");
                }
                return status.equals("Enabled")
                        ? Check.passed(
                                "versioning",
                                "on: what is replaced, or deleted by others, stays as an older version; a prune frees those of"
                                        + " what it deletes")
                        : Check.passed("versioning", "suspended: versions from before stay");
            } catch (S3Exception e) {
                if (isUnknown(e)) {
                    return Check.passed("versioning", "the store has none: what is deleted or replaced is gone");
                }
                throw e;
            }
        });
    }

    Check objectLock() throws BackupException, InterruptedException {
        return bucket.call("ask for Object Lock", client -> {
            try {
                ObjectLockConfiguration found = client.getObjectLockConfiguration(
                                request -> request.bucket(bucket.name()))
                        .objectLockConfiguration();
                return found == null || found.objectLockEnabled() != ObjectLockEnabled.ENABLED
                        ? notLocked("off")
                        : locked(found);
            } catch (S3Exception e) {
                if (e.statusCode() == 404 && !ExceptionTranslator.code(e).equals("NoSuchBucket")) {
                    return notLocked("off");
                }
                if (isUnknown(e)) {
                    return notLocked("the store has none");
                }
                throw e;
            }
        });
    }

    private Check locked(ObjectLockConfiguration found) {
        var standard = found.rule() == null ? null : found.rule().defaultRetention();
        String detail = standard == null
                ? "on, without a retention of the bucket's own"
                : "on; the bucket locks every object for "
                        + (standard.days() != null ? standard.days() + " days" : standard.years() + " years") + " ("
                        + standard.modeAsString() + "), what is tried here too";
        return Check.passed(
                "object-lock", lock == null && standard == null ? detail + "; this sink locks nothing either" : detail);
    }

    private Check notLocked(String why) {
        return lock == null
                ? Check.passed("object-lock", why + ": whoever may delete can delete backups")
                : Check.failed(
                        "object-lock",
                        why
                                + ", but objectLock is configured, so nothing can be written; use a bucket that was made with"
                                + " Object Lock (createBucket: true makes one), or remove objectLock");
    }

    private static boolean isUnknown(S3Exception e) {
        return e.statusCode() == 501 || e.statusCode() == 405;
    }
}
