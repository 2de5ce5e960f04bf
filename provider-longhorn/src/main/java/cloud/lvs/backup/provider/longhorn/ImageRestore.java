package cloud.lvs.backup.provider.longhorn;

import cloud.lvs.backup.provider.longhorn.bucket.BackupTarget;
import cloud.lvs.backup.provider.longhorn.bucket.FilesystemCheck;
import cloud.lvs.backup.provider.longhorn.bucket.VolumeImage;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.toolkit.ItemSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes volumes as raw images, from the target alone.
 *
 * @param target where Longhorn keeps the blocks
 */
record ImageRestore(BackupTarget target) {
    /** Writes the volumes that a request names, or all, to a directory. */
    RestoreReport extract(List<VolumeRecord> records, Path directory, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        ItemSelection.requirePresent(
                request.items(), records.stream().map(VolumeRecord::item).toList());
        List<VolumeRecord> wanted = records.stream()
                .filter(record -> request.items().isEmpty() || request.items().contains(record.item()))
                .toList();
        List<ItemResult> items = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        List<Check> checks = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (VolumeRecord record : wanted) {
            Path image = image(record, directory);
            if (Files.exists(image)) {
                throw new BackupException(
                        Kind.CONFIG, image.toString(), "exists", "name a directory that does not hold it");
            }
            steps.add(
                    "Write volume " + record.volume() + " as it was at " + record.snapshotCreatedAt() + " to " + image);
            items.add(ItemResult.done(record.item(), record.facts()));
        }
        if (request.mode() == RestoreRequest.Mode.DRY_RUN) {
            return new RestoreReport(items, steps, List.of(), List.of());
        }
        Files.createDirectories(directory);
        for (VolumeRecord record : wanted) {
            Path image = image(record, directory);
            long written = new VolumeImage(target).write(record.volume(), record.backup(), image, run);
            checks.add(Check.passed("blocks", written + " bytes written, each block as its checksum says"));
            notes.add("Attach it read-only to look into it: mount -o loop,ro " + image + " /mnt");
        }
        return new RestoreReport(items, steps, checks, notes);
    }

    /** As {@link #extract}, with a check of each file system. */
    RestoreReport rehearse(List<VolumeRecord> records, Path directory, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        RestoreReport extracted = extract(records, directory, request, run);
        if (request.mode() == RestoreRequest.Mode.DRY_RUN) {
            return extracted;
        }
        run.phase("filesystem");
        List<Check> checks = new ArrayList<>(extracted.checks());
        for (VolumeRecord record : records) {
            if (request.items().isEmpty() || request.items().contains(record.item())) {
                checks.add(new FilesystemCheck(run).check(image(record, directory)));
            }
        }
        return new RestoreReport(extracted.items(), extracted.steps(), checks, List.of());
    }

    private static Path image(VolumeRecord record, Path directory) {
        return directory.resolve(record.volume() + ".img");
    }
}
