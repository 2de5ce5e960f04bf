package cloud.lvs.backup.examples.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A fenced block of a document.
 *
 * @param document relative to the checkout
 * @param line of the fence, from 1
 * @param language behind the fence
 * @param mark what the comment above it says, e.g. {@code check: commands}; empty without one
 * @param text between the fences
 */
record Block(String document, int line, String language, String mark, String text) {
    private static final Pattern MARK = Pattern.compile("<!-- ((?:check|from): .*) -->");

    /** The documents this project writes. */
    static List<Path> documents() {
        try (Stream<Path> docs = Files.list(Checkout.root().resolve("docs"))) {
            List<Path> all = new ArrayList<>(docs.filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList());
            for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
                all.add(Checkout.root().resolve(name));
            }
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Block> all() {
        return documents().stream().flatMap(file -> in(file).stream()).toList();
    }

    /** The one block with this mark in a document. */
    static Block marked(String document, String mark) {
        List<Block> found = all().stream()
                .filter(block -> block.document.equals(document) && block.mark.equals(mark))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " blocks in " + document + " are marked '" + mark + "'");
        }
        return found.get(0);
    }

    private static List<Block> in(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Block> blocks = new ArrayList<>();
        String name = Checkout.root().relativize(file).toString();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).startsWith("```")) {
                continue;
            }
            int begin = i;
            String mark = "";
            if (begin > 0) {
                Matcher matcher = MARK.matcher(lines.get(begin - 1));
                mark = matcher.matches() ? matcher.group(1) : "";
            }
            i++;
            while (!lines.get(i).equals("```")) {
                i++;
            }
            blocks.add(new Block(
                    name,
                    begin + 1,
                    lines.get(begin).substring(3).strip(),
                    mark,
                    String.join("\n", lines.subList(begin + 1, i))));
        }
        return blocks;
    }

    /** What the mark says behind {@code kind:}, or empty if it is of another kind. */
    String marked(String kind) {
        return mark.startsWith(kind + ": ") ? mark.substring(kind.length() + 2) : "";
    }

    @Override
    public String toString() {
        return document + ":" + line + (mark.isEmpty() ? "" : " (" + mark + ")");
    }
}
