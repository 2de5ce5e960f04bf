package cloud.lvs.backup.contract;

import cloud.lvs.backup.contract.FaultySink.Operation;

/**
 * One thing that goes wrong in a {@link FaultySink}.
 *
 * @param operation where
 * @param keyPart what the key has to contain to count; empty for every key
 * @param nth at which of those calls, from 1; 0 for each of them
 * @param effect what happens
 * @param offset where in the bytes of the object ({@code CREATE}, {@code OPEN}) or after how many entries ({@code LIST})
 */
public record Fault(Operation operation, String keyPart, int nth, Effect effect, long offset) {
    /** What happens. */
    public enum Effect {
        /** The call throws and has done nothing. */
        FAIL_BEFORE,
        /** The call has done its work, but its reply is lost: it throws. */
        FAIL_AFTER,
        /** The body being written, the stream being read or the listing throws at the offset. */
        FAIL_AT,
        /** What is written or read quietly ends at the offset. */
        CUT_AT,
        /** One bit of the byte at the offset is another, quietly. */
        FLIP_AT,
        /** The call answers as if done and has done nothing. */
        PRETEND,
        /** The deletion of the key is refused in the report. */
        REFUSE;

        /** Whether this can happen to that. */
        public boolean fits(Operation operation) {
            return switch (this) {
                case FAIL_BEFORE, FAIL_AFTER -> true;
                case FAIL_AT ->
                    operation == Operation.CREATE || operation == Operation.OPEN || operation == Operation.LIST;
                case CUT_AT, FLIP_AT -> operation == Operation.CREATE || operation == Operation.OPEN;
                case PRETEND ->
                    operation == Operation.COMMIT
                            || operation == Operation.CREATE_IF_ABSENT
                            || operation == Operation.DELETE_KEY;
                case REFUSE -> operation == Operation.DELETE_KEY;
            };
        }
    }

    public Fault {
        if (nth < 0 || offset < 0) {
            throw new IllegalArgumentException("nth and offset are not negative");
        }
        if (!effect.fits(operation)) {
            throw new IllegalArgumentException(effect + " has no meaning for " + operation);
        }
    }

    public static Fault failBefore(Operation operation, int nth) {
        return new Fault(operation, "", nth, Effect.FAIL_BEFORE, 0);
    }

    public static Fault failAfter(Operation operation, int nth) {
        return new Fault(operation, "", nth, Effect.FAIL_AFTER, 0);
    }

    public static Fault failAt(Operation operation, int nth, long offset) {
        return new Fault(operation, "", nth, Effect.FAIL_AT, offset);
    }

    public static Fault cutAt(Operation operation, int nth, long offset) {
        return new Fault(operation, "", nth, Effect.CUT_AT, offset);
    }

    public static Fault flipAt(Operation operation, int nth, long offset) {
        return new Fault(operation, "", nth, Effect.FLIP_AT, offset);
    }

    public static Fault pretend(Operation operation, int nth) {
        return new Fault(operation, "", nth, Effect.PRETEND, 0);
    }

    /** Refuses each deletion of a key that contains {@code keyPart}. */
    public static Fault refuseToDelete(String keyPart) {
        return new Fault(Operation.DELETE_KEY, keyPart, 0, Effect.REFUSE, 0);
    }

    /** The same, counting only calls whose key contains {@code part}. */
    public Fault onKeysWith(String part) {
        return new Fault(operation, part, nth, effect, offset);
    }

    @Override
    public String toString() {
        return effect + " " + operation + (nth == 0 ? " always" : " #" + nth)
                + (keyPart.isEmpty() ? "" : " of *" + keyPart + "*")
                + (effect.name().endsWith("_AT") ? " @" + offset : "");
    }
}
