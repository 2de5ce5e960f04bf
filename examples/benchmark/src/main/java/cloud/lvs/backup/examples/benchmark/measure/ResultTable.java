package cloud.lvs.backup.examples.benchmark.measure;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** What was measured, as Markdown, and whether it keeps within its limits. */
public final class ResultTable {
    private record Row(String what, String measured, String limit, boolean kept) {}

    private final List<Row> rows = new ArrayList<>();

    /** A measurement with a limit. */
    public void add(String what, String measured, String limit, boolean kept) {
        rows.add(new Row(what, measured, limit, kept));
        System.err.println("  " + what + ": " + measured + " (" + limit + (kept ? ")" : ", NOT KEPT)"));
    }

    /** A measurement to compare with. */
    public void note(String what, String measured) {
        add(what, measured, "", true);
    }

    public boolean isKept() {
        return rows.stream().allMatch(Row::kept);
    }

    public void print(PrintStream out) {
        out.println("| what | measured | limit | |");
        out.println("|---|---|---|---|");
        for (Row row : rows) {
            String verdict = row.limit.isEmpty() ? "" : row.kept ? "kept" : "**not kept**";
            out.println("| " + row.what + " | " + row.measured + " | " + row.limit + " | " + verdict + " |");
        }
    }
}
