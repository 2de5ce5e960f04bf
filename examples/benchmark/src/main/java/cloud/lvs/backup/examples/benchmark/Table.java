package cloud.lvs.backup.examples.benchmark;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What was measured, as Markdown, and whether it keeps within its limits. */
final class Table {
    private record Row(String what, String measured, String limit, boolean kept) {}

    private final List<Row> rows = new ArrayList<>();

    /** A measurement with a limit. */
    void add(String what, String measured, String limit, boolean kept) {
        rows.add(new Row(what, measured, limit, kept));
        System.err.println("  " + what + ": " + measured + " (" + limit + (kept ? ")" : ", NOT KEPT)"));
    }

    /** A measurement to compare with. */
    void note(String what, String measured) {
        add(what, measured, "", true);
    }

    boolean isKept() {
        return rows.stream().allMatch(Row::kept);
    }

    void print(PrintStream out) {
        out.println("| what | measured | limit | |");
        out.println("|---|---|---|---|");
        for (Row row : rows) {
            String verdict = row.limit.isEmpty() ? "" : row.kept ? "kept" : "**not kept**";
            out.println("| " + row.what + " | " + row.measured + " | " + row.limit + " | " + verdict + " |");
        }
    }
}
