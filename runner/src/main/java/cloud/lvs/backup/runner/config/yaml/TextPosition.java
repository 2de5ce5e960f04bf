package cloud.lvs.backup.runner.config.yaml;

/**
 * A place in a configuration.
 *
 * @param file as the operator named it, or e.g. {@code --set}
 * @param line from 1; 0 if there are no lines to count
 * @param column from 1; 0 if there are none to count
 */
public record TextPosition(String file, int line, int column) implements Comparable<TextPosition> {
    /** A place without lines, such as the command line. */
    public static TextPosition of(String name) {
        return new TextPosition(name, 0, 0);
    }

    @Override
    public int compareTo(TextPosition other) {
        return line != other.line ? Integer.compare(line, other.line) : Integer.compare(column, other.column);
    }

    /** {@code file:line:column}. */
    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line + ":" + column;
    }
}
