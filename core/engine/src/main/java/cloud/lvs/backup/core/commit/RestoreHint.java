package cloud.lvs.backup.core.commit;

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

    /** The same hint for the same bytes in another place. */
    static String moved(String hint, String fetch, String otherFetch) {
        return hint.startsWith(fetch) ? otherFetch + hint.substring(fetch.length()) : hint;
    }
}
