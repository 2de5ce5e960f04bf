package cloud.lvs.backup.provider.k3s.objects;

import java.util.regex.Pattern;

/** A text in which {@code *} stands for any characters and {@code ?} for one. */
final class Glob {
    private final String text;
    private final Pattern pattern;

    private Glob(String text) {
        this.text = text;
        StringBuilder regex = new StringBuilder();
        for (String piece : text.replaceAll("\\*+", "*").split("(?<=[*?])|(?=[*?])")) {
            regex.append(
                    switch (piece) {
                        case "*" -> ".*";
                        case "?" -> ".";
                        default -> Pattern.quote(piece);
                    });
        }
        this.pattern = Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    static Glob of(String text) {
        return new Glob(text);
    }

    boolean isLiteral() {
        return text.indexOf('*') < 0 && text.indexOf('?') < 0;
    }

    String text() {
        return text;
    }

    boolean matches(String candidate) {
        return isLiteral() ? text.equals(candidate) : pattern.matcher(candidate).matches();
    }
}
