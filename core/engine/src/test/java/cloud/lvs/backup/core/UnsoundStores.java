package cloud.lvs.backup.core;

import cloud.lvs.backup.contract.FaultySink;
import cloud.lvs.backup.contract.FaultySink.Operation;
import cloud.lvs.backup.contract.FaultySink.Phase;
import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Sink;
import java.util.function.Predicate;

/** Stores that do not behave as a sink promises. */
final class UnsoundStores {
    private UnsoundStores() {}

    /** Lists the objects of some keys, but cannot read them: a store answers so about what it has archived. */
    static Sink archiving(InMemorySink store, Predicate<String> archived) {
        return archiving(store, archived, Integer.MAX_VALUE);
    }

    /** Besides, answers only the first listings. */
    static Sink archiving(InMemorySink store, Predicate<String> archived, int listings) {
        return new FaultySink(store, (call, phase) -> {
            if (call.operation() == Operation.OPEN && phase == Phase.BEFORE && archived.test(call.key())) {
                throw new BackupException(
                        Kind.SINK,
                        "object " + call.key(),
                        "is archived (InvalidObjectState)",
                        "have the store restore it first");
            }
            if (call.operation() == Operation.LIST && call.nth() > listings) {
                throw new BackupException(Kind.SINK, "store", "does not answer", "try again");
            }
        });
    }

    /** Keeps the objects of some keys with one bit flipped, and says that all is well. */
    static Sink altering(InMemorySink store, Predicate<String> altered) {
        return new FaultySink(store, (call, phase) -> {
            if (call.operation() == Operation.COMMIT && phase == Phase.AFTER && altered.test(call.key())) {
                byte[] bytes = store.bytes(call.key()).orElseThrow();
                bytes[bytes.length / 2] ^= 1;
                store.putForeign(call.key(), bytes);
            }
        });
    }
}
