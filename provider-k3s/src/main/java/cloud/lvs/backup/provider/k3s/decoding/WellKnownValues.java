package cloud.lvs.backup.provider.k3s.decoding;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Values that protobuf and JSON hold in different forms (Kubernetes, {@code apimachinery/pkg/apis/meta/v1}). */
final class WellKnownValues {
    private static final DateTimeFormatter SECONDS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter MICROSECONDS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private WellKnownValues() {}

    /** A point in time; empty if it is Go's zero time, which is null in JSON. */
    static String time(WireReader in) throws UndecodableValueException {
        return timestamp(in, SECONDS);
    }

    /** As {@link #time}, with microseconds. */
    static String microTime(WireReader in) throws UndecodableValueException {
        return timestamp(in, MICROSECONDS);
    }

    private static String timestamp(WireReader in, DateTimeFormatter format) throws UndecodableValueException {
        long[] parts = numbers(in);
        if (parts[0] == 0 && parts[1] == 0) {
            return "";
        }
        try {
            return format.format(Instant.ofEpochSecond(parts[0], parts[1]));
        } catch (DateTimeException | ArithmeticException e) {
            throw UndecodableValueException.damaged("is not whole: it holds a time that there is not");
        }
    }

    /** The fields 1 and 2, numbers. */
    private static long[] numbers(WireReader in) throws UndecodableValueException {
        long[] parts = new long[2];
        while (in.hasMore()) {
            int tag = in.tag();
            int field = tag >>> 3;
            if ((tag & 7) == WireReader.VARINT && field <= 2) {
                parts[field - 1] = in.varint();
            } else {
                in.skip(tag);
            }
        }
        return parts;
    }

    /** The field 1, as text; empty if it is absent. */
    static String text(WireReader in) throws UndecodableValueException {
        return bytes(in).text();
    }

    /** The field 1, as bytes. */
    static WireReader bytes(WireReader in) throws UndecodableValueException {
        WireReader found = WireReader.empty();
        while (in.hasMore()) {
            int tag = in.tag();
            if (tag == (1 << 3 | WireReader.BYTES)) {
                found = in.nested();
            } else {
                in.skip(tag);
            }
        }
        return found;
    }

    /** A duration as Go writes it, e.g. {@code 1h0m30s}, {@code 1.5ms}, {@code 0s}. */
    static String duration(WireReader in) throws UndecodableValueException {
        long nanos = numbers(in)[0];
        if (nanos == 0) {
            return "0s";
        }
        String sign = nanos < 0 ? "-" : "";
        // Long.MIN_VALUE has no positive twin; Go has the same exception.
        long left = nanos == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(nanos);
        if (left < NANOS_PER_SECOND) {
            return sign
                    + (left < 1_000
                            ? left + "ns"
                            : left < 1_000_000 ? fraction(left, 1_000) + "µs" : fraction(left, 1_000_000) + "ms");
        }
        long minutes = left / (60 * NANOS_PER_SECOND);
        String seconds = fraction(left % (60 * NANOS_PER_SECOND), NANOS_PER_SECOND) + "s";
        return sign
                + (minutes == 0
                        ? seconds
                        : minutes < 60 ? minutes + "m" + seconds : minutes / 60 + "h" + minutes % 60 + "m" + seconds);
    }

    private static String fraction(long value, long unit) {
        String digits = Long.toString(unit + value % unit).substring(1).replaceAll("0+$", "");
        return value / unit + (digits.isEmpty() ? "" : "." + digits);
    }
}
