package cloud.lvs.backup.spi;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A failure an operator can act on: what it happened to, what is wrong in plain words, and what to do.
 *
 * <p>It is an {@link IOException} so that it passes unchanged through the streams between source and sink. None of its
 * texts holds a secret.
 */
public final class BackupException extends IOException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;
    private final String target;
    private final String problem;
    private final String remedy;

    /**
     * @param kind who acts
     * @param target what failed, e.g. {@code directory /var/backups/lvs} or {@code object 2026/11/k3s.db.zst}
     * @param problem what is wrong, e.g. {@code is read-only}
     * @param remedy what to do, e.g. {@code mount it writable}
     * @param cause what was caught, if anything
     */
    public BackupException(Kind kind, String target, String problem, String remedy, @Nullable Throwable cause) {
        super(cause);
        this.kind = kind;
        this.target = target;
        this.problem = problem;
        this.remedy = remedy;
    }

    /** As above, without a cause. */
    public BackupException(Kind kind, String target, String problem, String remedy) {
        this(kind, target, problem, remedy, null);
    }

    /** Target and problem. */
    @Override
    public String getMessage() {
        return target + ": " + problem;
    }

    /** Who acts. */
    public Kind kind() {
        return kind;
    }

    /** What failed. */
    public String target() {
        return target;
    }

    /** What is wrong, in plain words. */
    public String problem() {
        return problem;
    }

    /** What to do about it. */
    public String remedy() {
        return remedy;
    }
}
