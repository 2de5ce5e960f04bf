package cloud.lvs.backup.runner.config.yaml;

import java.util.List;
import java.util.Map;

/** A piece of the configuration as it was written, with its place. */
public sealed interface Node {
    TextPosition location();

    /** What it is, for messages. */
    String word();

    /**
     * A single value.
     *
     * @param source as written; this is what may be shown
     * @param text what it stands for after interpolation; may be a secret
     * @param origin where {@code text} comes from
     */
    record Scalar(TextPosition location, String source, String text, Origin origin) implements Node {
        /** Where the text of a scalar comes from. */
        public enum Origin {
            WRITTEN,
            /** From an environment variable or a file. */
            INTERPOLATED,
            /** There is nothing: {@code key:} or {@code key: null}. */
            NOTHING,
            /** The interpolation failed, which has been told. */
            BROKEN
        }

        public static Scalar written(TextPosition location, String text) {
            return new Scalar(location, text, text, Origin.WRITTEN);
        }

        @Override
        public String word() {
            return origin == Origin.NOTHING ? "nothing" : "a single value";
        }
    }

    /** A list. */
    record Sequence(TextPosition location, List<Node> elements) implements Node {
        public Sequence {
            elements = List.copyOf(elements);
        }

        @Override
        public String word() {
            return "a list";
        }
    }

    /**
     * Keys and values in the order written.
     *
     * @param entries by key; no key is there twice
     */
    record Mapping(TextPosition location, Map<String, Entry> entries) implements Node {
        @Override
        public String word() {
            return "a mapping";
        }
    }

    /**
     * One key of a mapping.
     *
     * @param at where the key is
     */
    record Entry(TextPosition at, Node value) {}
}
