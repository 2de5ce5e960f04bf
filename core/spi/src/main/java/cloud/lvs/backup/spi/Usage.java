package cloud.lvs.backup.spi;

/** How much a bucket holds, or why that cannot be told; never a zero for what could not be read. */
public sealed interface Usage {
    /** The bucket's name. */
    String bucket();

    /**
     * What it holds, whoever put it there.
     *
     * @param objects how many, not counting unfinished uploads
     * @param bytes their sizes added up
     */
    record Measured(String bucket, long objects, long bytes) implements Usage {}

    /** The store did not say. */
    record Unknown(String bucket, BackupException cause) implements Usage {}

    /** Which buckets to look at. */
    enum Scope {
        /** The one the sink keeps its objects in. */
        OWN,
        /** All that the sink's credentials show. */
        ALL
    }
}
