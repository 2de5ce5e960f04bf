package cloud.lvs.backup.core.protocol;

import java.util.Set;
import java.util.TreeSet;

/** What sources have made outside of any sink. */
final class Externals {
    private final Set<String> things = new TreeSet<>();

    Externals copy() {
        Externals copy = new Externals();
        copy.things.addAll(things);
        return copy;
    }

    void make(String thing) {
        things.add(thing);
    }

    void free(String thing) {
        things.remove(thing);
    }

    Set<String> things() {
        return Set.copyOf(things);
    }

    long hash() {
        return things.hashCode();
    }
}
