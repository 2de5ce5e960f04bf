package cloud.lvs.backup.sink.s3.bucket;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the pages of one listing lead. A page may be empty and yet not the last: stores leave out what they filter after they
 * have cut the page. So a listing goes on as its pages say, unless they lead to where it has been, or hold nothing without
 * end. One thread.
 */
final class PageMarkers {
    private static final int MOST_EMPTY_PAGES = 1_000;

    private final Set<String> seen = new HashSet<>();
    private int emptyPages;

    /**
     * Notes a page that is not the last.
     *
     * @param marker what the next page is asked for by, or null if the page does not say
     * @param entries how many entries the page holds
     * @return what is wrong with the page; empty if the listing can go on
     */
    Optional<String> fault(@Nullable String marker, int entries) {
        if (marker == null || marker.isEmpty()) {
            return Optional.of("a page that is not the last and does not say how to go on");
        }
        if (!seen.add(marker)) {
            return Optional.of("pages that go round in a circle");
        }
        emptyPages = entries == 0 ? emptyPages + 1 : 0;
        return emptyPages > MOST_EMPTY_PAGES
                ? Optional.of("more than " + MOST_EMPTY_PAGES + " empty pages in a row")
                : Optional.empty();
    }

    /** Forgets all but the last place, for a listing whose entries prove by their order that it advances. */
    void keepOnly(@Nullable String marker) {
        seen.clear();
        if (marker != null) {
            seen.add(marker);
        }
    }
}
