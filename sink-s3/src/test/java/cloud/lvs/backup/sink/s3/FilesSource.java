package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Sensitivity;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;

/** A source of two files, one for a single PUT and one for an upload in parts; what is in them differs from day to day. */
final class FilesSource implements Source {
    /** Becomes three parts of the sinks under test. */
    static final int LARGE = 250 * 1024;

    static final String LEGACY = "2026/10/legacy-20261001T020000Z.db";
    static final byte[] LEGACY_CONTENT = {1, 2, 3};

    private static final String ITEM = "files";
    private static final int CHUNK = 64 * 1024;

    /** Is told how much of the large file has been written. */
    @FunctionalInterface
    interface Progress {
        void wrote(int bytes);
    }

    private final int large;
    private final Progress progress;

    FilesSource() {
        this(LARGE, bytes -> {});
    }

    FilesSource(int large, Progress progress) {
        this.large = large;
        this.progress = progress;
    }

    @Override
    public List<Finding> preflight(RunContext run) {
        return List.of();
    }

    @Override
    public List<Item> inventory(RunContext run) {
        return List.of(Item.selected(ITEM, null));
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        for (String role : List.of("small", "large")) {
            byte[] content = content(role, run.timestamp().toString());
            out.write(new Artifact(ITEM, role, role, ".db", role.length(), Sensitivity.ORDINARY, "> " + role), body -> {
                for (int from = 0; from < content.length; from += CHUNK) {
                    int count = Math.min(CHUNK, content.length - from);
                    body.write(content, from, count);
                    if (role.equals("large")) {
                        progress.wrote(from + count);
                    }
                }
                return Map.of();
            });
        }
        return new CaptureReport(List.of(ItemResult.done(ITEM, Map.of())), Map.of());
    }

    private byte[] content(String role, String day) {
        byte[] content = new byte[role.equals("large") ? large : 100];
        new Random((role + day).hashCode()).nextBytes(content);
        return content;
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            byte[] expected = artifact.role().equals("legacy")
                    ? LEGACY_CONTENT
                    : content(
                            artifact.role(), backup.manifest().id().timestamp().toString());
            checks.add(
                    Arrays.equals(read(backup, artifact), expected)
                            ? Check.passed(artifact.role(), "as it was")
                            : Check.failed(artifact.role(), "is not what was backed up"));
        }
        return new Verification(checks);
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        Path directory = Path.of(((RestoreTarget.Place) request.target()).location());
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            Files.write(directory.resolve(artifact.role()), read(backup, artifact));
        }
        return new RestoreReport(List.of(ItemResult.done(ITEM, Map.of())), List.of(), List.of(), List.of());
    }

    private static byte[] read(BackupReader backup, StoredArtifact artifact) throws IOException, InterruptedException {
        try (InputStream in = backup.open(artifact)) {
            return in.readAllBytes();
        }
    }

    @Override
    public List<Adoptable> adoptable(RunContext run) {
        Adoptable.Member member = new Adoptable.Member(
                ITEM,
                "legacy",
                Pattern.compile("\\d{4}/\\d{2}/legacy-(?<timestamp>\\d{8}T\\d{6}Z)\\.db"),
                List.of(),
                Adoptable.Presence.REQUIRED,
                "> legacy");
        return List.of(new Adoptable("legacy job", List.of(member)));
    }

    @Override
    public void close() {}
}
