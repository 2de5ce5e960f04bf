package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.protocol.Operation.Verdict;

/** What a process passes before each of its operations. */
interface Gate {
    /** Lets everything through. */
    Gate OPEN = new Gate() {
        @Override
        public Verdict enter(Operation operation) {
            return Verdict.PROCEEDS;
        }
    };

    /**
     * Returns when the operation may happen.
     *
     * @throws Crash if the process is dead
     */
    Verdict enter(Operation operation) throws InterruptedException;

    /** Is told what an operation showed: a process that saw the same will do the same. */
    default void saw(long what) {}

    /** The process is dead from now on. */
    default Crash die() {
        return new Crash();
    }

    /** Whether nothing of this process may take effect any more. */
    default boolean isDead() {
        return false;
    }

    /**
     * The end of a process: passes all handlers, which let nothing but this kind of error through, and what runs in
     * {@code finally} on its way has no effect.
     */
    final class Crash extends OutOfMemoryError {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("the process died");
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
