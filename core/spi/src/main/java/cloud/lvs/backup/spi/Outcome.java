package cloud.lvs.backup.spi;

/** How a run ended; the first three and {@link #ADOPTED} leave a backup. */
public enum Outcome {
    /** Every item was captured. */
    OK,
    /** As OK, with something to look at; counts as OK. */
    WARNED,
    /** Some items failed; neither triggers nor satisfies retention. */
    PARTIAL,
    /** Nothing was captured: a failure. */
    EMPTY,
    /** No backup came of it. */
    FAILED,
    /** Stored by another tool, checked and adopted. */
    ADOPTED;

    /** Whether a backup with this outcome satisfies retention and may trigger it. */
    public boolean isWhole() {
        return this == OK || this == WARNED || this == ADOPTED;
    }
}
