package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;

/** The shell line that restores an artifact without this tool. */
public final class RestoreHint {
    private RestoreHint() {}

    /**
     * @param fetch writes the stored bytes to standard output
     * @param decode filters them to the plain bytes; empty if there is nothing to decode
     * @param tail takes the plain bytes: {@code > file} or {@code | command}; may be empty
     */
    static String of(String fetch, String decode, String tail) {
        return fetch + (decode.isEmpty() ? "" : " | " + decode) + (tail.isEmpty() ? "" : " " + tail);
    }

    /** Writes the stored bytes to standard output: the sink's own command, or one that reads the object fetched by hand. */
    static String fetch(Sink sink, ObjectKey key) {
        String command = sink.fetchCommand(key);
        if (!command.isEmpty()) {
            return command;
        }
        String name = key.value().substring(key.value().lastIndexOf('/') + 1);
        return "cat -- '" + name.replace("'", "'\\''") + "'";
    }

    /** The same hint for the same bytes in another place. */
    static String moved(String hint, String fetch, String otherFetch) {
        return hint.startsWith(fetch) ? otherFetch + hint.substring(fetch.length()) : hint;
    }
}
