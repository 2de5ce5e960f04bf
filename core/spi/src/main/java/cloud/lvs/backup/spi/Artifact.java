package cloud.lvs.backup.spi;

import java.util.regex.Pattern;

/**
 * One byte stream of a run, before it is written.
 *
 * @param item the id of the item it belongs to
 * @param role what it is to that item, unique within it, e.g. {@code k3s-sqlite}
 * @param stem the readable part of its key, e.g. {@code k3s-sqlite}: letters, digits, {@code . _ - % + =}
 * @param extension of the plain bytes, e.g. {@code .db}; may be empty; the engine appends those of its codecs
 * @param ordinal the place among the artifacts of a run, from 0: the order to restore in (writes finish in any order)
 * @param sensitivity how careful to be with it
 * @param restoreTail the end of the shell line that restores it by hand, after fetching and decoding: e.g.
 *     {@code > state.db} or {@code | pg_restore -d shop}; may be empty
 */
public record Artifact(
        String item,
        String role,
        String stem,
        String extension,
        int ordinal,
        Sensitivity sensitivity,
        String restoreTail) {
    private static final Pattern STEM = Pattern.compile("[A-Za-z0-9%+=_][A-Za-z0-9%+=._-]{0,399}");
    private static final Pattern EXTENSION = Pattern.compile("(\\.[A-Za-z0-9]{1,16}){0,3}");

    public Artifact {
        if (item.isBlank() || role.isBlank()) {
            throw new IllegalArgumentException("an artifact needs an item and a role");
        }
        if (!STEM.matcher(stem).matches()) {
            throw new IllegalArgumentException("key stem '" + stem + "' of artifact " + role
                    + " is not 1 to 400 characters of letters, digits and % + = . _ -");
        }
        if (!EXTENSION.matcher(extension).matches()) {
            throw new IllegalArgumentException(
                    "extension '" + extension + "' of artifact " + role + " is not like .db");
        }
        if (ordinal < 0) {
            throw new IllegalArgumentException("ordinal of artifact " + role + " is negative");
        }
    }

    /**
     * The artifact of a role: the role is its stem too, its bytes have no extension, it is the first to restore, of ordinary
     * sensitivity, and restored by hand to standard output. The {@code with} methods say otherwise.
     *
     * @throws IllegalArgumentException if the role is no legal stem
     */
    public static Artifact of(String item, String role) {
        return new Artifact(item, role, role, "", 0, Sensitivity.ORDINARY, "");
    }

    /** This one, under another {@link #stem}. */
    public Artifact withStem(String other) {
        return new Artifact(item, role, other, extension, ordinal, sensitivity, restoreTail);
    }

    /** This one, with another {@link #extension}. */
    public Artifact withExtension(String other) {
        return new Artifact(item, role, stem, other, ordinal, sensitivity, restoreTail);
    }

    /** This one, in another place of the order. */
    public Artifact withOrdinal(int other) {
        return new Artifact(item, role, stem, extension, other, sensitivity, restoreTail);
    }

    /** This one, of another {@link #sensitivity}. */
    public Artifact withSensitivity(Sensitivity other) {
        return new Artifact(item, role, stem, extension, ordinal, other, restoreTail);
    }

    /** This one, with another {@link #restoreTail}. */
    public Artifact withRestoreTail(String other) {
        return new Artifact(item, role, stem, extension, ordinal, sensitivity, other);
    }
}
