package cloud.lvs.backup.spi;

/**
 * One thing that was checked.
 *
 * @param name short and stable, e.g. {@code integrity_check}
 * @param status what came of it
 * @param detail what was seen, e.g. {@code 21,404 rows}; for a failure also what it means
 */
public record Check(String name, Status status, String detail) {
    /** What came of a check. */
    public enum Status {
        PASSED,
        WARNED,
        FAILED
    }

    public static Check passed(String name, String detail) {
        return new Check(name, Status.PASSED, detail);
    }

    public static Check warned(String name, String detail) {
        return new Check(name, Status.WARNED, detail);
    }

    public static Check failed(String name, String detail) {
        return new Check(name, Status.FAILED, detail);
    }
}
