package cloud.lvs.backup.core.report;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** Masks the secrets it was told of in every text that leaves the program. Thread-safe. */
public final class Redactions {
    /** A shorter text would mask words everywhere and could be guessed from that. */
    private static final int SHORTEST = 4;

    private static final int SHORTEST_LINE = 8;

    private final Set<String> secrets = new ConcurrentSkipListSet<>(
            Comparator.comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    /** Remembers a secret of at least 4 characters; of one with several lines, each line of at least 8 too. */
    public void add(String secret) {
        String stripped = secret.strip();
        if (stripped.length() >= SHORTEST) {
            remember(stripped);
        }
        stripped.lines()
                .map(String::strip)
                .filter(line -> line.length() >= SHORTEST_LINE)
                .forEach(this::remember);
    }

    /** Also as it looks inside a JSON string, where some writers escape the slash. */
    private void remember(String secret) {
        secrets.add(secret);
        String escaped = secret.replace("\\", "\\\\").replace("\"", "\\\"");
        secrets.add(escaped);
        secrets.add(escaped.replace("/", "\\/"));
    }

    /** The text with every secret replaced by {@code ***}. */
    public String mask(String text) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, "***");
        }
        return masked;
    }
}
