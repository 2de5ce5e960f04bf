package cloud.lvs.backup.contract;

import cloud.lvs.backup.spi.RestoreTarget;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Hands the cleared places of one test on to the next of its class. */
final class PlacePool implements BeforeEachCallback {
    /** Places that hold nothing. */
    static final class Places {
        final Deque<RestoreTarget.Place> free = new ArrayDeque<>();
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        Places places = ClassScope.of(test, PlacePool.class)
                .getOrComputeIfAbsent(Places.class, key -> new Places(), Places.class);
        test.getRequiredTestInstances()
                .findInstance(SourceContract.class)
                .ifPresent(contract -> contract.places = places);
    }
}
