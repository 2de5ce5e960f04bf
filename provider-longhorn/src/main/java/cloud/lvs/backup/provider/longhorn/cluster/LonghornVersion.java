package cloud.lvs.backup.provider.longhorn.cluster;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of Longhorn that serves a cluster. */
public record LonghornVersion(int major, int minor, int patch) {
    private static final Pattern SHAPE = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})(?:\\.(\\d{1,4}))?(?:[-+.].*)?");

    /** Reads e.g. {@code v1.10.1} or {@code v1.12.0-dev}; empty if that is no version. */
    static Optional<LonghornVersion> parse(String text) {
        Matcher matcher = SHAPE.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String patch = matcher.group(3);
        return Optional.of(new LonghornVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch)));
    }

    /** Whether it is this version or a later one. */
    public boolean isAtLeast(int otherMajor, int otherMinor) {
        return major != otherMajor ? major > otherMajor : minor >= otherMinor;
    }

    /** Whether volumes may have targets of their own, and a BackupTarget says where they are: from 1.8 on. */
    public boolean hasSeveralTargets() {
        return isAtLeast(1, 8);
    }

    /** Whether a backup may be full by wish: from 1.7 on. */
    public boolean hasBackupMode() {
        return isAtLeast(1, 7);
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch;
    }
}
