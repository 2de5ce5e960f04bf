package cloud.lvs.backup.provider.postgres.server;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of PostgreSQL from 10 on.
 *
 * @param major e.g. 15
 * @param minor e.g. 20; 0 for a beta
 * @param text as the program or server says it, e.g. {@code 15.20 (Debian 15.20-0+deb12u1)}
 */
public record PostgresVersion(int major, int minor, String text) implements Comparable<PostgresVersion> {
    private static final Pattern PROGRAM = Pattern.compile("\\(PostgreSQL\\) ((\\d+)(?:\\.(\\d+))?.*)");

    /** What {@code --version} printed; empty if it is no program of PostgreSQL. */
    public static Optional<PostgresVersion> ofProgram(String line) {
        Matcher matcher = PROGRAM.matcher(line.strip());
        if (!matcher.find()) {
            return Optional.empty();
        }
        String minor = matcher.group(3);
        return Optional.of(new PostgresVersion(
                Integer.parseInt(matcher.group(2)), minor == null ? 0 : Integer.parseInt(minor), matcher.group(1)));
    }

    /** @param number {@code server_version_num}, e.g. 150020 */
    public static PostgresVersion ofServer(int number, String text) {
        return new PostgresVersion(number / 10_000, number % 10_000, text);
    }

    @Override
    public int compareTo(PostgresVersion other) {
        return Comparator.comparingInt(PostgresVersion::major)
                .thenComparingInt(PostgresVersion::minor)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return text;
    }
}
