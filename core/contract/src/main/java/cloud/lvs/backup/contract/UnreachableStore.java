package cloud.lvs.backup.contract;

import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.opentest4j.TestAbortedException;

/** Lets the first test that cannot reach the store fail with the reason, and skips the other tests of its class. */
final class UnreachableStore implements BeforeEachCallback, LifecycleMethodExecutionExceptionHandler {
    /** The store of a test could not be opened; the cause says why. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        Failure(Exception cause) {
            super("the store cannot be reached: " + cause.getMessage(), cause);
        }
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        if (ClassScope.of(test, UnreachableStore.class).get(Failure.class) != null) {
            throw new TestAbortedException("the store cannot be reached; the first test says why");
        }
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext test, Throwable thrown) throws Throwable {
        if (thrown instanceof Failure) {
            ClassScope.of(test, UnreachableStore.class).put(Failure.class, thrown);
        }
        throw thrown;
    }
}
