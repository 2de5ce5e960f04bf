package cloud.lvs.backup.toolkit;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Verifies and restores backups whose every artifact is the content of one file. */
public final class FileRestore {
    private FileRestore() {}

    /** Reads every artifact to its end, and compares its size with what {@link FileCapture} noted; of one that is longer, no more than shows it. */
    public static Verification verify(BackupReader backup, RunContext run) throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        for (StoredArtifact artifact : backup.manifest().artifacts()) {
            checks.add(read(backup, artifact, OutputStream.nullOutputStream(), run));
        }
        return new Verification(checks);
    }

    private static Check read(BackupReader backup, StoredArtifact artifact, OutputStream out, RunContext run)
            throws IOException, InterruptedException {
        try (InputStream in = backup.open(artifact)) {
            long bytes = StreamCopy.copyExpected(in, out, artifact.item(), artifact.plainBytes(), run);
            if (bytes > artifact.plainBytes()) {
                return Check.failed("size of " + artifact.item(), "more than " + artifact.plainBytes() + " bytes");
            }
            String expected = artifact.facts().getOrDefault(FileCapture.BYTES, Long.toString(artifact.plainBytes()));
            return expected.equals(Long.toString(bytes))
                    ? Check.passed("size of " + artifact.item(), bytes + " bytes")
                    : Check.failed("size of " + artifact.item(), bytes + " bytes, not " + expected);
        }
    }

    private static Check requirePassed(Check check) throws BackupException {
        if (check.status() == Check.Status.FAILED) {
            throw new BackupException(
                    Kind.VERIFICATION, check.name(), "is " + check.detail(), "restore another backup");
        }
        return check;
    }

    /**
     * Writes the files of the items that are asked for to an empty directory, all of them or none. A dry run only says so. The
     * files have the mode 0600, as a backup does not tell which they had, and a directory that is made here 0700.
     *
     * @param nameOf the name of an artifact's file; it comes from a manifest, so that a hostile one is refused
     * @throws BackupException of kind {@code CONFIG} if the target is no empty directory, or an item is not in the backup; of kind
     *     {@code VERIFICATION} if a name is none, or a file has another size than the manifest says
     */
    public static RestoreReport restore(
            BackupReader backup, RestoreRequest request, Function<StoredArtifact, String> nameOf, RunContext run)
            throws IOException, InterruptedException {
        Path target = RestoreDirectory.of(request.target());
        List<StoredArtifact> wanted = ItemSelection.artifacts(backup.manifest(), request);
        List<Check> checks = new ArrayList<>();
        if (request.mode() == RestoreRequest.Mode.EXECUTE) {
            try (RestoreDirectory files = RestoreDirectory.in(target)) {
                for (StoredArtifact artifact : wanted) {
                    try (OutputStream out = files.create(nameOf.apply(artifact))) {
                        checks.add(requirePassed(read(backup, artifact, out, run)));
                    }
                }
                files.publish();
            }
        }
        return new RestoreReport(
                wanted.stream()
                        .map(artifact -> ItemResult.done(artifact.item(), artifact.facts()))
                        .toList(),
                List.of("write " + wanted.size() + (wanted.size() == 1 ? " file to " : " files to ") + target),
                checks,
                List.of());
    }
}
