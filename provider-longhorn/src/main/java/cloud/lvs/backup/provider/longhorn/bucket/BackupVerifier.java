package cloud.lvs.backup.provider.longhorn.bucket;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Proves a backup by what lies in the backup target: its configuration, that every block it maps is there, and that the blocks
 * hold what their names say. Changes nothing and takes no lock, so whatever seems to be missing is looked up once more.
 */
public final class BackupVerifier {
    private static final int SAMPLE = 64;
    private static final int SHOWN_PROBLEMS = 10;

    private final BackupTarget target;
    private final RandomGenerator random;

    /** How many blocks are read. */
    public enum Extent {
        /** None; whether they are there is not asked either. */
        NONE,
        /** Some, chosen at random. */
        SAMPLE,
        EVERY_BLOCK
    }

    /** @param random chooses the sample */
    public BackupVerifier(BackupTarget target, RandomGenerator random) {
        this.target = target;
        this.random = random;
    }

    /** The checks of one backup, in order; those that cannot be made since one before failed are left out. */
    public List<Check> verify(String volume, String backup, Extent extent, RunContext run)
            throws IOException, InterruptedException {
        List<Check> checks = new ArrayList<>();
        String subject = "volume " + volume + ", backup " + backup + ": ";
        VolumeConfiguration volumeConfiguration = null;
        try {
            volumeConfiguration = target.volume(volume);
            checks.add(Check.passed("volume.cfg", subject + volumeConfiguration.sizeBytes() + " bytes"));
        } catch (BackupException e) {
            checks.add(failed("volume.cfg", subject, e));
        }
        MappedBlocks blocks = new MappedBlocks();
        BackupConfiguration configuration;
        try {
            configuration = target.backup(volume, backup, blocks::add);
        } catch (BackupException e) {
            checks.add(failed("backup.cfg", subject, e));
            return checks;
        }
        List<String> problems = problems(volume, backup, configuration, volumeConfiguration, blocks);
        if (!problems.isEmpty()) {
            checks.add(Check.failed("backup.cfg", subject + String.join("; ", problems)));
            return checks;
        }
        checks.add(Check.passed("backup.cfg", subject + configuration.blockCount() + " blocks"));
        if (extent == Extent.NONE) {
            return checks;
        }
        int[] order = blocks.byChecksum();
        List<Integer> present = new ArrayList<>();
        checks.add(presence(subject, volume, blocks, order, present));
        checks.add(contents(subject, volume, configuration, blocks, chosen(present, extent), run));
        return stillThere(volume, backup, checks, subject);
    }

    private static Check failed(String name, String subject, BackupException e) throws BackupException {
        if (e.kind() != Kind.VERIFICATION) {
            throw e;
        }
        return Check.failed(name, subject + e.problem());
    }

    private static List<String> problems(
            String volume,
            String backup,
            BackupConfiguration configuration,
            @Nullable VolumeConfiguration volumeConfiguration,
            MappedBlocks blocks) {
        if (!configuration.isComplete()) {
            return List.of("Longhorn has not finished it");
        }
        List<String> problems = new ArrayList<>(configuration.contradictions(volume, backup));
        long blockSize = configuration.blockSizeBytes();
        for (int i = 0; i < blocks.size(); i++) {
            if (blocks.offset(i) % blockSize != 0) {
                problems.add("offset " + blocks.offset(i) + " is no multiple of the block size " + blockSize);
                break;
            }
        }
        if (volumeConfiguration != null) {
            long size = volumeConfiguration.sizeBytes();
            if (size % blockSize != 0) {
                problems.add("the volume's size " + size + " is no multiple of the block size " + blockSize);
            }
            if (blocks.size() > 0 && blocks.offset(blocks.size() - 1) + blockSize > size) {
                problems.add("offset " + blocks.offset(blocks.size() - 1) + " lies behind the volume's end at " + size);
            }
        }
        return problems;
    }

    /** Walks the listing and the wanted blocks side by side, both ascending by checksum, so that neither has to be held. */
    private Check presence(String subject, String volume, MappedBlocks blocks, int[] order, List<Integer> present)
            throws IOException, InterruptedException {
        List<String> problems = new ArrayList<>();
        try (Stream<StoredObject> listing = target.blocks(volume)) {
            Iterator<StoredObject> it = listing.iterator();
            String found = "";
            long size = 0;
            String last = "";
            for (int index : order) {
                String wanted = blocks.checksum(index);
                if (wanted.equals(last)) {
                    continue;
                }
                last = wanted;
                while (found.compareTo(wanted) < 0 && it.hasNext()) {
                    StoredObject object = it.next();
                    Optional<String> checksum = TargetKeys.checksumOf(object.key());
                    if (checksum.isPresent()) {
                        found = checksum.get();
                        size = object.sizeBytes();
                    }
                }
                if (!found.equals(wanted)) {
                    problems.add(new DamagedBlockException(wanted, "is missing").getMessage());
                } else if (size == 0) {
                    problems.add(new DamagedBlockException(wanted, "is empty").getMessage());
                } else {
                    present.add(index);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return problems.isEmpty()
                ? Check.passed("blocks", subject + "all " + present.size() + " distinct blocks are there")
                : Check.failed("blocks", subject + summary(problems));
    }

    private List<Integer> chosen(List<Integer> present, Extent extent) {
        if (extent == Extent.EVERY_BLOCK || present.size() <= SAMPLE) {
            return present;
        }
        List<Integer> sample = new ArrayList<>(present);
        for (int i = 0; i < SAMPLE; i++) {
            Collections.swap(sample, i, i + random.nextInt(sample.size() - i));
        }
        return sample.subList(0, SAMPLE);
    }

    private Check contents(
            String subject,
            String volume,
            BackupConfiguration configuration,
            MappedBlocks blocks,
            List<Integer> chosen,
            RunContext run)
            throws IOException, InterruptedException {
        List<String> problems = Collections.synchronizedList(new ArrayList<>());
        BlockReader reader = target.blockReader();
        long total = (long) chosen.size() * configuration.blockSizeBytes();
        try (BlockWorkers workers = new BlockWorkers(run)) {
            long done = 0;
            for (int index : chosen) {
                workers.submit(() -> {
                    try {
                        reader.read(volume, blocks.checksum(index), configuration);
                    } catch (DamagedBlockException e) {
                        problems.add(e.getMessage());
                    }
                    return null;
                });
                done += configuration.blockSizeBytes();
                run.progress(volume, done, total);
            }
            workers.finish();
        }
        return problems.isEmpty()
                ? Check.passed("block contents", subject + chosen.size() + " blocks read, all as their checksums say")
                : Check.failed("block contents", subject + summary(problems));
    }

    /** A backup that was deleted meanwhile lacks blocks for that reason: then it is that which is told. */
    private List<Check> stillThere(String volume, String backup, List<Check> checks, String subject)
            throws IOException, InterruptedException {
        if (checks.stream().allMatch(check -> check.status() == Check.Status.PASSED)) {
            return checks;
        }
        try {
            target.backup(volume, backup, (offset, checksum) -> {});
            return checks;
        } catch (BackupException e) {
            return List.of(failed("backup.cfg", subject, e));
        }
    }

    private static String summary(List<String> problems) {
        String shown = problems.stream().sorted().limit(SHOWN_PROBLEMS).collect(Collectors.joining("; "));
        return problems.size() <= SHOWN_PROBLEMS
                ? shown
                : shown + "; and " + (problems.size() - SHOWN_PROBLEMS) + " more";
    }
}
