package cloud.lvs.backup.provider.postgres.dump;

import java.util.Optional;

/**
 * A custom archive of {@code pg_dump}. It has no end mark, but its table of contents, which comes first, says how many blocks
 * of data follow, and each block says where it ends. So an archive that was cut anywhere shows.
 *
 * <p>Follows {@code pg_backup_archiver.c} and {@code pg_backup_custom.c} for the archive versions 1.12 to 1.16, which
 * PostgreSQL 10 to 18 write; of a later version only the beginning is checked.
 */
final class ArchiveCompleteness implements CompletenessCheck {
    private static final byte[] MAGIC = {'P', 'G', 'D', 'M', 'P'};
    private static final int FIXED = MAGIC.length + 6;
    private static final int OLDEST_MINOR = 12;
    private static final int WITH_TABLE_ACCESS_METHOD = 14;
    private static final int WITH_ALGORITHM_BYTE = 15;
    private static final int WITH_RELKIND = 16;
    private static final int CUSTOM_FORMAT = 1;
    private static final int DATA_BLOCK = 1;
    private static final int LARGE_OBJECTS_BLOCK = 3;

    /** What comes next in the stream. */
    private enum Step {
        /** Magic, version and sizes. */
        FIXED,
        /** A number of no interest. */
        NUMBER,
        /** A length, then so many bytes. */
        TEXT,
        /** The number of entries in the table of contents. */
        ENTRIES,
        /** Whether an entry has a block of data. */
        HAS_DATA,
        /** Texts up to one that is absent. */
        TEXTS,
        /** What kind of block it is. */
        BLOCK_KIND,
        BLOCK_ID,
        /** The length of a piece of rows; 0 at their end. */
        ROWS,
        /** The number of a large object; 0 after the last. */
        LARGE_OBJECT,
        /** The length of a piece of a large object; 0 at its end. */
        LARGE_OBJECT_PIECE,
        /** Nothing more may come. */
        END,
        /** Not understood; whatever comes is let through. */
        UNKNOWN
    }

    private final byte[] number = new byte[FIXED];
    private int numberLength;
    private long skip;
    private Step step = Step.FIXED;
    private Step[] plan = {};
    private int planned;
    private Step[] entryPlan = {};
    private int intSize;
    private int offsetSize;
    private long entries;
    private long blocksExpected;
    private long blocksSeen;
    private int blockKind;
    private boolean broken;

    @Override
    public void take(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && !broken && step != Step.UNKNOWN) {
            if (skip > 0) {
                int skipped = (int) Math.min(skip, end - at);
                skip -= skipped;
                at += skipped;
                continue;
            }
            int wanted = width();
            if (wanted == 0) {
                // Something follows the end.
                broken = true;
                return;
            }
            int taken = Math.min(wanted - numberLength, end - at);
            System.arraycopy(bytes, at, number, numberLength, taken);
            numberLength += taken;
            at += taken;
            if (numberLength == wanted) {
                numberLength = 0;
                advance();
            }
        }
    }

    private int width() {
        return switch (step) {
            case FIXED -> FIXED;
            case BLOCK_KIND -> 1;
            case END, UNKNOWN -> 0;
            default -> 1 + intSize;
        };
    }

    private void advance() {
        switch (step) {
            case FIXED -> begin();
            case NUMBER -> next();
            case TEXT -> {
                skip = Math.max(0, value());
                next();
            }
            case TEXTS -> {
                long size = value();
                skip = Math.max(0, size);
                if (size < 0) {
                    // The place of the data, which is known only where the output can be sought in.
                    skip = 1L + offsetSize;
                    next();
                }
            }
            case ENTRIES -> {
                entries = value();
                broken = entries < 0;
                nextEntry();
            }
            case HAS_DATA -> {
                blocksExpected += value() == 0 ? 0 : 1;
                next();
            }
            case BLOCK_KIND -> {
                blockKind = number[0];
                broken = blockKind != DATA_BLOCK && blockKind != LARGE_OBJECTS_BLOCK;
                step = Step.BLOCK_ID;
            }
            case BLOCK_ID -> step = blockKind == DATA_BLOCK ? Step.ROWS : Step.LARGE_OBJECT;
            case ROWS -> piece(Step.END);
            case LARGE_OBJECT -> {
                if (value() == 0) {
                    endBlock();
                } else {
                    step = Step.LARGE_OBJECT_PIECE;
                }
            }
            case LARGE_OBJECT_PIECE -> piece(Step.LARGE_OBJECT);
            case END, UNKNOWN -> throw new IllegalStateException("nothing is wanted at " + step);
        }
    }

    private void begin() {
        for (int i = 0; i < MAGIC.length; i++) {
            broken |= number[i] != MAGIC[i];
        }
        int major = number[5];
        int minor = number[6];
        intSize = number[8];
        offsetSize = number[9];
        broken |= number[10] != CUSTOM_FORMAT || intSize < 1 || intSize > 8 || offsetSize < 0;
        if (major != 1 || minor < OLDEST_MINOR || minor > WITH_RELKIND) {
            step = Step.UNKNOWN;
            return;
        }
        // The level of compression, once a number, or since 1.15 its algorithm, a byte; then when and of what it was
        // made.
        skip = minor >= WITH_ALGORITHM_BYTE ? 1 : 1 + intSize;
        Step n = Step.NUMBER;
        Step t = Step.TEXT;
        plan = new Step[] {n, n, n, n, n, n, n, t, t, t, Step.ENTRIES};
        planned = 0;
        step = plan[0];
        entryPlan = entryPlan(minor);
    }

    private static Step[] entryPlan(int minor) {
        Step n = Step.NUMBER;
        Step t = Step.TEXT;
        // Id, data; catalog and oid, tag, kind; section; definition, drop, copy; schema, tablespace, …, owner, oids;
        // needs.
        if (minor >= WITH_RELKIND) {
            return new Step[] {n, Step.HAS_DATA, t, t, t, t, n, t, t, t, t, t, t, n, t, t, Step.TEXTS};
        }
        if (minor >= WITH_TABLE_ACCESS_METHOD) {
            return new Step[] {n, Step.HAS_DATA, t, t, t, t, n, t, t, t, t, t, t, t, t, Step.TEXTS};
        }
        return new Step[] {n, Step.HAS_DATA, t, t, t, t, n, t, t, t, t, t, t, t, Step.TEXTS};
    }

    private void next() {
        planned++;
        if (planned < plan.length) {
            step = plan[planned];
        } else {
            nextEntry();
        }
    }

    private void nextEntry() {
        if (entries-- > 0) {
            plan = entryPlan;
            planned = 0;
            step = plan[0];
        } else {
            step = blocksExpected == 0 ? Step.END : Step.BLOCK_KIND;
        }
    }

    private void piece(Step after) {
        long size = value();
        broken |= size < 0;
        skip = Math.max(0, size);
        if (size == 0) {
            if (after == Step.END) {
                endBlock();
            } else {
                step = after;
            }
        }
    }

    private void endBlock() {
        blocksSeen++;
        step = blocksSeen == blocksExpected ? Step.END : Step.BLOCK_KIND;
    }

    /** A sign, then the lowest byte first. */
    private long value() {
        long value = 0;
        for (int i = intSize; i > 0; i--) {
            value = value << 8 | number[i] & 0xff;
        }
        return number[0] == 0 ? value : -value;
    }

    @Override
    public Optional<String> flaw() {
        if (broken) {
            return Optional.of("is not an archive as pg_dump writes it");
        }
        return switch (step) {
            case UNKNOWN -> Optional.empty();
            case END -> skip == 0 ? Optional.empty() : Optional.of("ends within its table of contents");
            case BLOCK_KIND, BLOCK_ID, ROWS, LARGE_OBJECT, LARGE_OBJECT_PIECE ->
                Optional.of("ends early: it holds " + blocksSeen + " whole blocks of data, and its table of contents"
                        + " names " + blocksExpected);
            default -> Optional.of("ends within its table of contents");
        };
    }
}
