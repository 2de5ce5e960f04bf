package cloud.lvs.backup.runner.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A share, written {@code 50%}.
 *
 * @param fraction between 0 and 1
 */
public record Percent(double fraction) {
    /** What a percentage looks like, blanks around it aside. */
    public static final String PATTERN = "(100(?:\\.0{1,6})?|[0-9]{1,2}(?:\\.[0-9]{1,6})?)\\s*%";

    private static final Pattern SYNTAX = Pattern.compile(PATTERN);

    public Percent {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("expects a percentage between 0% and 100%");
        }
    }

    /** @throws IllegalArgumentException if {@code text} is no percentage */
    public static Percent parse(String text) {
        Matcher matcher = SYNTAX.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expects a percentage such as 50%");
        }
        return new Percent(Double.parseDouble(matcher.group(1)) / 100);
    }
}
