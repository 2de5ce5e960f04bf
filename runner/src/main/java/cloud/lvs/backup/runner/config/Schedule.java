package cloud.lvs.backup.runner.config;

import cloud.lvs.backup.runner.config.binding.ValueType;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * When something should run: the five fields of crontab(5) that cron and a Kubernetes CronJob understand alike.
 *
 * @param fields e.g. {@code 0 3 * * *}, one space between two fields
 */
public record Schedule(String fields) {
    private static final String MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC";
    private static final String DAYS = "SUN MON TUE WED THU FRI SAT";

    private static final List<Field> FIELDS = List.of(
            new Field("minute (0-59)", "[0-5]?[0-9]", "", 0),
            new Field("hour (0-23)", "[01]?[0-9]|2[0-3]", "", 0),
            new Field("day of the month (1-31)", "0?[1-9]|[12][0-9]|3[01]", "", 1),
            new Field("month (1-12 or JAN-DEC)", "0?[1-9]|1[0-2]", MONTHS, 1),
            new Field("day of the week (0-7 or SUN-SAT)", "0?[0-7]", DAYS, 0));

    /** The whole as a regular expression; it does not see that a range begins after its end. */
    public static final String PATTERN = FIELDS.stream().map(Field::pattern).collect(Collectors.joining("\\s+"));

    public static final String EXPECTATION =
            "expects five cron fields (minute, hour, day of the month, month, day of the week)"
                    + " such as \"0 3 * * *\"";

    /** @throws ValueType.Refusal if these are not five cron fields; its message says which is wrong */
    public static Schedule parse(String text) {
        String[] parts = text.strip().split("\\s+", -1);
        if (parts.length != FIELDS.size()) {
            throw new ValueType.Refusal(EXPECTATION);
        }
        for (int i = 0; i < parts.length; i++) {
            if (!FIELDS.get(i).accepts(parts[i])) {
                throw new ValueType.Refusal(
                        EXPECTATION + "; what stands for the " + FIELDS.get(i).meaning() + " is none");
            }
        }
        return new Schedule(String.join(" ", parts));
    }

    /**
     * @param meaning with its limits, for messages
     * @param number what a number in it looks like
     * @param names of its values, in their order, or empty
     * @param first the value of the first name
     */
    private record Field(String meaning, String number, String names, int first) {
        private static final String STEP = "(?:/0*[1-9][0-9]{0,2})?";
        private static final Pattern FROM_TO = Pattern.compile("([^-/]+)-([^-/]+)(?:/.*)?");

        String pattern() {
            String value = "(?:" + number
                    + (names.isEmpty()
                            ? ""
                            : "|"
                                    + List.of(names.split(" ")).stream()
                                            .map(ValueType.Choice::anyCase)
                                            .collect(Collectors.joining("|")))
                    + ")";
            String entry = "(?:[*?]|" + value + "(?:-" + value + ")?)" + STEP;
            return entry + "(?:," + entry + ")*";
        }

        boolean accepts(String text) {
            if (!text.matches(pattern())) {
                return false;
            }
            for (String entry : text.split(",", -1)) {
                Matcher range = FROM_TO.matcher(entry);
                if (range.matches() && valueOf(range.group(1)) > valueOf(range.group(2))) {
                    return false;
                }
            }
            return true;
        }

        private int valueOf(String text) {
            int name = List.of(names.split(" ")).indexOf(text.toUpperCase(Locale.ROOT));
            return name < 0 ? Integer.parseInt(text) : first + name;
        }
    }

    @Override
    public String toString() {
        return fields;
    }
}
