package cloud.lvs.backup.examples.benchmark;

import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.RunId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Fills a directory sink with the journals of many backups, each a copy of a real one with another id; no payload. */
final class ManyBackups {
    private final Path journals;
    private final Path model;

    /**
     * @param sink a directory sink with exactly one backup
     * @param job its job
     */
    ManyBackups(Path sink, String job) throws IOException {
        this.journals = sink.resolve(".lvs-backup").resolve(job);
        try (Stream<Path> directories = Files.list(journals)) {
            this.model = directories
                    .filter(path -> !path.endsWith("lock"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Adds backups until there are so many, one an hour back from the first. */
    void fillUpTo(int count) throws IOException {
        String id = model.getFileName().toString();
        Instant newest =
                BackupId.parseTimestamp(id.substring(0, id.indexOf('-'))).orElseThrow();
        String run = id.substring(id.indexOf('-') + 1);
        String begun = Files.readString(model.resolve("begun.json"));
        Path committed;
        try (Stream<Path> files = Files.list(model)) {
            committed = files.filter(file -> file.getFileName().toString().startsWith("committed-"))
                    .findFirst()
                    .orElseThrow();
        }
        String manifest = Files.readString(committed);
        String sums = Files.readString(model.resolve("SHA256SUMS"));
        for (int i = existing(); i < count; i++) {
            String timestamp = BackupId.format(newest.minus(Duration.ofHours(i)));
            RunId otherRun = new RunId("bench" + i);
            Path directory = Files.createDirectory(journals.resolve(timestamp + "-" + otherRun));
            String otherManifest = renamed(manifest, id, run, timestamp, otherRun);
            Files.writeString(directory.resolve("begun.json"), renamed(begun, id, run, timestamp, otherRun));
            Files.writeString(directory.resolve(committed.getFileName()), otherManifest);
            String payload = renamed(
                    sums.lines().filter(line -> !line.contains("committed-")).toList(), id, run, timestamp, otherRun);
            Files.writeString(
                    directory.resolve("SHA256SUMS"),
                    payload + sha256(otherManifest) + "  .lvs-backup/" + journals.getFileName() + "/"
                            + directory.getFileName() + "/" + committed.getFileName() + "\n");
        }
    }

    private int existing() throws IOException {
        try (Stream<Path> directories = Files.list(journals)) {
            return (int) directories.filter(path -> !path.endsWith("lock")).count();
        }
    }

    private static String renamed(List<String> lines, String id, String run, String timestamp, RunId otherRun) {
        StringBuilder text = new StringBuilder();
        lines.forEach(
                line -> text.append(renamed(line, id, run, timestamp, otherRun)).append('\n'));
        return text.toString();
    }

    private static String renamed(String text, String id, String run, String timestamp, RunId otherRun) {
        return text.replace(id, timestamp + "-" + otherRun).replace(run, otherRun.value());
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
