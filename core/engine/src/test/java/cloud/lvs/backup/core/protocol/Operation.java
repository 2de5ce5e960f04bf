package cloud.lvs.backup.core.protocol;

/**
 * A request to a sink, or a step of a source, as it is about to happen.
 *
 * @param effect what it may change
 * @param text for people, e.g. {@code commit .lvs-backup/demo/…/begun.json}
 */
record Operation(Effect effect, String text) {
    /** What an operation may change. */
    enum Effect {
        READS,
        WRITES,
        DELETES,
        /** Nothing: time passes. */
        PAUSES
    }

    /** What becomes of an operation. */
    enum Verdict {
        PROCEEDS,
        /** Its process dies before it takes effect. */
        CRASHES_BEFORE,
        /** Its process dies right after it took effect. */
        CRASHES_AFTER,
        /** It does nothing and throws. */
        FAILS,
        /** It takes effect and throws. */
        LOSES_REPLY,
        /** A deletion that the store refuses for every key. */
        IS_REFUSED,
        /** A deletion that the store refuses for its first key. */
        IS_REFUSED_IN_PART
    }

    @Override
    public String toString() {
        return text;
    }
}
