package cloud.lvs.backup.contract;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** What the tests of one class share. */
final class ClassScope {
    private ClassScope() {}

    /** The store of the class that a test, or one invocation of it, belongs to. */
    static ExtensionContext.Store of(ExtensionContext test, Class<?> owner) {
        ExtensionContext context = test;
        while (context.getTestMethod().isPresent()) {
            context = context.getParent().orElseThrow();
        }
        return context.getStore(Namespace.create(owner));
    }
}
