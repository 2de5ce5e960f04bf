package cloud.lvs.backup.runner.config.yaml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionEndEvent;
import org.yaml.snakeyaml.events.DocumentEndEvent;
import org.yaml.snakeyaml.events.DocumentStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads YAML into nodes that know their place. Anchors, aliases, tags, merge keys, duplicate keys and a second document are
 * mistakes: a configuration says everything once, where it is read.
 */
public final class YamlReader {
    private static final int MAX_DEPTH = 50;
    /** What stands for nothing when it is not quoted. */
    private static final Set<String> NOTHING = Set.of("", "~", "null", "Null", "NULL");

    private final String file;
    private final Interpolation interpolation;
    private final ProblemCollector problems;

    public YamlReader(String file, Interpolation interpolation, ProblemCollector problems) {
        this.file = file;
        this.interpolation = interpolation;
        this.problems = problems;
    }

    /** The mapping the document is, or empty if the text is not one, which has been told. */
    public Optional<Node.Mapping> read(String text) {
        if (refuseForeignCharacters(text)) {
            return Optional.empty();
        }
        try {
            Parser events = new ParserImpl(new StreamReader(text), new LoaderOptions());
            events.getEvent();
            if (!(events.getEvent() instanceof DocumentStartEvent)) {
                problems.add(new TextPosition(file, 1, 1), "", "the file is empty; it begins with 'version: 1'");
                return Optional.empty();
            }
            Node root = node(events, "", 0);
            if (events.getEvent() instanceof DocumentEndEvent
                    && events.peekEvent() instanceof DocumentStartEvent second) {
                problems.add(placeOf(second), "", "a second YAML document begins; write one document per file");
            }
            if (root instanceof Node.Mapping mapping) {
                return Optional.of(mapping);
            }
            if (problems.isEmpty()) {
                problems.add(
                        root.location(), "", "the file holds " + root.word() + "; expected keys such as 'version: 1'");
            }
        } catch (TooDeepException e) {
            problems.add(e.at, "", "not valid YAML: nested deeper than " + MAX_DEPTH + " levels");
        } catch (MarkedYAMLException e) {
            problems.add(placeOf(e), "", "not valid YAML: " + reason(e));
        }
        return Optional.empty();
    }

    /** YAML allows few control characters, and NUL above all hides what follows from other programs. */
    private boolean refuseForeignCharacters(String text) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int character = text.codePointAt(i);
            if (!StreamReader.isPrintable(character)) {
                problems.add(
                        new TextPosition(file, line, column),
                        "",
                        String.format(
                                "not valid YAML: the character U+%04X must not be in it; remove it, or save the file as text"
                                        + " in UTF-8",
                                character));
                return true;
            }
            boolean ends = character == '\n';
            line += ends ? 1 : 0;
            column = ends ? 1 : column + 1;
        }
        return false;
    }

    private Node node(Parser events, String path, int depth) {
        Event event = events.getEvent();
        TextPosition at = placeOf(event);
        if (depth > MAX_DEPTH) {
            throw new TooDeepException(at);
        }
        refuseMarks(event, at, path);
        if (event instanceof MappingStartEvent) {
            return mapping(events, at, path, depth);
        }
        if (event instanceof SequenceStartEvent) {
            List<Node> elements = new ArrayList<>();
            while (!(events.peekEvent() instanceof CollectionEndEvent)) {
                elements.add(node(events, path + "[" + elements.size() + "]", depth + 1));
            }
            events.getEvent();
            return new Node.Sequence(at, elements);
        }
        if (!(event instanceof ScalarEvent scalar)) {
            return new Node.Scalar(at, "", "", Node.Scalar.Origin.BROKEN);
        }
        if (scalar.getScalarStyle() == ScalarStyle.PLAIN && NOTHING.contains(scalar.getValue())) {
            return new Node.Scalar(at, "", "", Node.Scalar.Origin.NOTHING);
        }
        return interpolation.apply(Node.Scalar.written(at, scalar.getValue()), path, problems);
    }

    private Node.Mapping mapping(Parser events, TextPosition at, String path, int depth) {
        Map<String, Node.Entry> entries = new LinkedHashMap<>();
        while (!(events.peekEvent() instanceof CollectionEndEvent)) {
            TextPosition keyAt = placeOf(events.peekEvent());
            String key = key(events, path, depth);
            String keyPath = key == null ? path : KeyPaths.child(path, key);
            Node value = node(events, keyPath, depth + 1);
            if (key == null) {
                continue;
            }
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
        events.getEvent();
        return new Node.Mapping(at, entries);
    }

    /** Null if it is none, which has been told. */
    private @Nullable String key(Parser events, String path, int depth) {
        if (events.peekEvent() instanceof ScalarEvent scalar) {
            refuseMarks(events.getEvent(), placeOf(scalar), KeyPaths.child(path, scalar.getValue()));
            return scalar.getValue();
        }
        Node found = node(events, path, depth + 1);
        if (!(found instanceof Node.Scalar)) {
            problems.add(found.location(), path, "expects a name as the key, found " + found.word());
        }
        return null;
    }

    private void refuseMarks(Event event, TextPosition at, String path) {
        if (event instanceof AliasEvent) {
            problems.add(at, path, "aliases (*name) are not supported; write the value out, or use 'defaults'");
        } else if (event instanceof NodeEvent node && node.getAnchor() != null) {
            problems.add(at, path, "anchors (&name) are not supported; write the value where it is used");
        }
        if (tagOf(event) != null) {
            problems.add(at, path, "tags (!name) are not supported; write the value without");
        }
    }

    private static @Nullable String tagOf(Event event) {
        if (event instanceof ScalarEvent scalar) {
            return scalar.getTag();
        }
        return event instanceof MappingStartEvent mapping
                ? mapping.getTag()
                : event instanceof SequenceStartEvent sequence ? sequence.getTag() : null;
    }

    private TextPosition placeOf(Event event) {
        return place(event.getStartMark());
    }

    private TextPosition placeOf(MarkedYAMLException e) {
        return e.getProblemMark() == null ? new TextPosition(file, 1, 1) : place(e.getProblemMark());
    }

    private TextPosition place(Mark mark) {
        return new TextPosition(file, mark.getLine() + 1, mark.getColumn() + 1);
    }

    /** Without the snippet of the text that SnakeYAML appends: it could show a secret. */
    private static String reason(MarkedYAMLException e) {
        String problem = String.valueOf(e.getProblem());
        return problem.contains("'\\t'") || problem.contains("\\t(TAB)")
                ? "a tab; indent with spaces"
                : problem.replaceAll("[\\r\\n]+", " ").replaceAll("\\s+in 'reader'.*", "")
                        + "; quote texts that hold special characters";
    }

    private static final class TooDeepException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient TextPosition at;

        TooDeepException(TextPosition at) {
            super("nested too deep");
            this.at = at;
        }
    }
}
