package cloud.lvs.backup.spi;

import java.nio.file.Path;

/** Where a restore goes. */
public sealed interface RestoreTarget {
    /**
     * A place of the operator's choice that holds nothing yet.
     *
     * @param location in the source's own terms: a directory for k3s, a URL for PostgreSQL
     */
    record Place(String location) implements RestoreTarget {}

    /** Where the source lives; replaces what is there and needs consent. What is replaced is kept for {@link Undo}. */
    record InPlace() implements RestoreTarget {}

    /**
     * A rehearsal.
     *
     * @param directory empty and the source's to fill, readable by its owner only; removed afterwards by the engine. In a
     *     dry run it does not exist, and neither may anything be made there
     */
    record Scratch(Path directory) implements RestoreTarget {}

    /** Takes the last restore in place back; reads no backup. */
    record Undo() implements RestoreTarget {}
}
