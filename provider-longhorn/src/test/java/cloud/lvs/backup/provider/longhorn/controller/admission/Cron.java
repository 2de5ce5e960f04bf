package cloud.lvs.backup.provider.longhorn.controller.admission;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads a cron line of five fields, or a descriptor, as far as to tell what is wrong with it. */
final class Cron {
    private static final Pattern DESCRIPTOR =
            Pattern.compile("@(yearly|annually|monthly|weekly|daily|midnight|hourly|every \\S+)");
    private static final int[] LAST = {59, 23, 31, 12, 6};
    private static final List<String> NAMES = List.of(
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "sun", "mon", "tue",
            "wed", "thu", "fri", "sat");

    private Cron() {}

    /** What is wrong, empty when nothing is. */
    static Optional<String> check(String line) {
        if (DESCRIPTOR.matcher(line).matches()) {
            return Optional.empty();
        }
        String[] fields = line.strip().split("\\s+");
        if (fields.length != 5) {
            return Optional.of("Expected exactly 5 fields, found " + fields.length + ": " + line);
        }
        for (int i = 0; i < fields.length; i++) {
            for (String part : fields[i].split(",")) {
                Optional<String> wrong = range(part, LAST[i]);
                if (wrong.isPresent()) {
                    return wrong;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> range(String part, int last) {
        String range = part.split("/")[0];
        for (String end : range.split("-")) {
            if (end.equals("*") || end.equals("?") || NAMES.contains(end.toLowerCase(Locale.ROOT))) {
                continue;
            }
            if (!end.matches("\\d+")) {
                return Optional.of(
                        "Failed to parse int from " + end + ": strconv.Atoi: parsing \"" + end + "\": invalid syntax");
            }
            if (Integer.parseInt(end) > last) {
                return Optional.of("End of range (" + end + ") above maximum (" + last + "): " + part);
            }
        }
        return Optional.empty();
    }
}
