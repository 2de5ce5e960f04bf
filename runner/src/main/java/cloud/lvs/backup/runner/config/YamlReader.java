package cloud.lvs.backup.runner.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads YAML into nodes that know their place. Anchors, aliases, tags, merge keys, duplicate keys and a second document are
 * mistakes: a configuration says everything once, where it is read.
 */
final class YamlReader {
    private static final int MAX_DEPTH = 50;

    private final String file;
    private final Interpolation interpolation;
    private final Problems problems;

    YamlReader(String file, Interpolation interpolation, Problems problems) {
        this.file = file;
        this.interpolation = interpolation;
        this.problems = problems;
    }

    /** The mapping the document is, or empty if the text is not one, which has been told. */
    Optional<Node.Mapping> read(String text) {
        try (YAMLParser parser = new YAMLFactory().createParser(text)) {
            if (parser.nextToken() == null) {
                problems.add(new Location(file, 1, 1), "", "the file is empty; it begins with 'version: 1'");
                return Optional.empty();
            }
            Node root = node(parser, "", 0);
            if (parser.nextToken() != null) {
                problems.add(here(parser), "", "a second YAML document begins; write one document per file");
            }
            if (root instanceof Node.Mapping mapping) {
                return Optional.of(mapping);
            }
            if (problems.isEmpty()) {
                problems.add(
                        root.location(), "", "the file holds " + root.word() + "; expected keys such as 'version: 1'");
            }
        } catch (JsonProcessingException e) {
            problems.add(placeOf(e), "", "not valid YAML: " + reason(e));
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
        return Optional.empty();
    }

    private Node node(YAMLParser parser, String path, int depth) throws IOException {
        Location at = here(parser);
        refuseMarks(parser, at, path);
        if (depth > MAX_DEPTH) {
            throw new TooDeepException(parser, "nested deeper than " + MAX_DEPTH + " levels");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(parser, at, path, depth);
            case START_ARRAY -> {
                List<Node> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(node(parser, path + "[" + elements.size() + "]", depth + 1));
                }
                yield new Node.Sequence(at, elements);
            }
            case VALUE_NULL -> new Node.Scalar(at, "", "", Node.Scalar.Origin.NOTHING);
            default -> interpolation.apply(Node.Scalar.written(at, text(parser)), path, problems);
        };
    }

    private Node.Mapping mapping(YAMLParser parser, Location at, String path, int depth) throws IOException {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            Location keyAt = here(parser);
            String key = parser.currentName();
            String keyPath = Paths.child(path, key);
            refuseMarks(parser, keyAt, keyPath);
            parser.nextToken();
            Node value = node(parser, keyPath, depth + 1);
            if (key.equals("<<")) {
                problems.add(keyAt, keyPath, "merge keys are not supported; write the keys out, or use 'defaults'");
                continue;
            }
            Node.Entry before = entries.putIfAbsent(key, new Node.Entry(keyAt, value));
            if (before != null) {
                problems.add(
                        keyAt,
                        keyPath,
                        "is given twice, first in line " + before.at().line() + "; "
                                + (path.equals("jobs")
                                        ? "two jobs of one name would share a journal: rename one of the two"
                                        : "remove one of the two"));
            }
        }
        return new Node.Mapping(at, entries);
    }

    private void refuseMarks(YAMLParser parser, Location at, String path) throws IOException {
        if (parser.isCurrentAlias()) {
            problems.add(at, path, "aliases (*name) are not supported; write the value out, or use 'defaults'");
        } else if (parser.getObjectId() != null) {
            problems.add(at, path, "anchors (&name) are not supported; write the value where it is used");
        }
        if (parser.getTypeId() != null) {
            problems.add(at, path, "tags (!name) are not supported; write the value without");
        }
    }

    private static String text(YAMLParser parser) throws IOException {
        String text = parser.getText();
        return text == null ? "" : text;
    }

    private Location here(YAMLParser parser) {
        return place(parser.currentTokenLocation());
    }

    private Location place(@Nullable JsonLocation location) {
        return location == null
                ? new Location(file, 1, 1)
                : new Location(file, Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }

    /** Jackson names the start of the enclosing block, SnakeYAML the character itself. */
    private Location placeOf(JsonProcessingException e) {
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            Mark mark = marked.getProblemMark();
            return new Location(file, mark.getLine() + 1, mark.getColumn() + 1);
        }
        return place(e.getLocation());
    }

    /** Without the snippet of the text that SnakeYAML appends: it could show a secret. */
    private static String reason(JsonProcessingException e) {
        if (e instanceof TooDeepException) {
            return e.getOriginalMessage();
        }
        if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblem() != null) {
            String problem = marked.getProblem();
            return problem.contains("'\\t'") || problem.contains("\\t(TAB)")
                    ? "a tab; indent with spaces"
                    : problem.replaceAll("[\\r\\n]+", " ").replaceAll("\\s+in 'reader'.*", "")
                            + "; quote texts that hold special characters";
        }
        return "it cannot be read here";
    }

    private static final class TooDeepException extends JsonProcessingException {
        private static final long serialVersionUID = 1L;

        TooDeepException(YAMLParser parser, String message) {
            super(message, parser.currentTokenLocation());
        }
    }
}
