package cloud.lvs.backup.provider.k3s.decoding;

/** A stored value that cannot be made an object. The message continues "the object …" and repeats nothing of the value. */
public final class UndecodableValueException extends Exception {
    private static final long serialVersionUID = 1;

    /** What kept the value from being decoded. */
    public enum Reason {
        /** The bytes are not what the API server writes. */
        DAMAGED,
        /** They may be whole, but what they mean is not known here. */
        NO_SCHEMA,
        /** They are encrypted, and no key at hand reads them. */
        ENCRYPTED
    }

    private final Reason reason;

    public UndecodableValueException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public static UndecodableValueException damaged(String message) {
        return new UndecodableValueException(Reason.DAMAGED, message);
    }

    public Reason reason() {
        return reason;
    }
}
