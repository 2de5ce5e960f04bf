package cloud.lvs.backup.core.shield;

/** Holds a pending interrupt of this thread back while something is cleaned up. */
final class Shield {
    private final boolean interrupted;

    private Shield(boolean interrupted) {
        this.interrupted = interrupted;
    }

    static Shield raise() {
        return new Shield(Thread.interrupted());
    }

    /** Sets the interrupt again. */
    void lower() {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
