package cloud.lvs.backup.core.report;

import cloud.lvs.backup.core.catalog.JournalDocuments.Note;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.StoredArtifact;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What {@code show} prints of a backup: a fact a line, and the commands that restore it by hand. */
final class ManifestText {
    private static final int WIDTH = 110;

    private final StringBuilder text = new StringBuilder();

    private ManifestText() {}

    static String of(Manifest manifest, Optional<Note> hold) {
        var shown = new ManifestText();
        shown.head(manifest, hold);
        shown.items(manifest);
        shown.artifacts(manifest);
        return shown.text.toString();
    }

    private void head(Manifest manifest, Optional<Note> hold) {
        line("id", manifest.id());
        line("outcome", manifest.outcome());
        hold.ifPresent(note -> line(
                "held",
                "since " + note.at().truncatedTo(ChronoUnit.SECONDS) + " by " + note.owner()
                        + (note.reason().isBlank() ? "" : ": " + note.reason())));
        line("captured", manifest.id().timestamp());
        line("finished", manifest.finishedAt().truncatedTo(ChronoUnit.SECONDS));
        line("source", manifest.sourceType());
        facts(manifest.source());
        line("made by", "");
        facts(manifest.tool());
        if (manifest.origin() != null) {
            line(
                    "copy of",
                    manifest.origin().id() + " in sink " + manifest.origin().sink());
        }
        manifest.warnings().forEach(warning -> line("warning", warning));
    }

    private void items(Manifest manifest) {
        for (ItemResult item : manifest.items()) {
            String status = ReportText.words(item.status());
            text.append('\n');
            line(
                    "item",
                    item.item() + ": " + status + (item.reason().isEmpty() ? "" : ": " + item.reason())
                            + (item.remedy() == null ? "" : " (" + item.remedy() + ")"));
            facts(item.facts());
        }
    }

    private void artifacts(Manifest manifest) {
        var artifacts = new TextTable("ARTIFACT", "ITEM", "PLAIN", "STORED", "CODECS", "KEY");
        for (StoredArtifact artifact : manifest.artifacts()) {
            artifacts.row(
                    artifact.role(),
                    artifact.item(),
                    HumanReadable.bytes(artifact.plainBytes()),
                    HumanReadable.bytes(artifact.storedBytes()),
                    String.join(",", artifact.codecs()),
                    artifact.key().value());
        }
        text.append('\n').append(artifacts).append("\nby hand:\n");
        manifest.artifacts()
                .forEach(artifact -> text.append("  ")
                        .append(TerminalText.line(artifact.restoreHint()))
                        .append('\n'));
    }

    private void facts(Map<String, String> facts) {
        facts.forEach((name, value) -> wrapped(String.format(Locale.ROOT, "  %-20s ", name), value));
    }

    private void line(String name, Object value) {
        wrapped(String.format(Locale.ROOT, "%-10s", name), value.toString());
    }

    /** Breaks a long text between words; what follows stands below its beginning. */
    private void wrapped(String head, String value) {
        int column = head.length();
        text.append(head);
        for (String word : TerminalText.line(value).split(" ", -1)) {
            if (column > head.length() && column + 1 + word.length() > WIDTH) {
                text.append('\n').append(" ".repeat(head.length()));
                column = head.length();
            } else if (column > head.length()) {
                text.append(' ');
                column++;
            }
            text.append(word);
            column += word.length();
        }
        text.setLength(text.toString().stripTrailing().length());
        text.append('\n');
    }
}
