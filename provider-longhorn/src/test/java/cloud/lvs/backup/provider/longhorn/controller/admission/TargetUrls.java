package cloud.lvs.backup.provider.longhorn.controller.admission;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a webhook says to the URL of a backup target. */
final class TargetUrls {
    private static final Set<String> SCHEMES = Set.of("s3", "nfs", "cifs", "azblob");
    private static final Pattern SCHEME = Pattern.compile("^([a-zA-Z][a-zA-Z0-9+.-]*)://");
    private static final Pattern BAD_ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2}).{0,2}");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private TargetUrls() {}

    /** What is wrong, empty when nothing is. */
    static Optional<String> check(String url) {
        Optional<String> unread = unread(url);
        if (unread.isPresent()) {
            return Optional.of(
                    "failed to parse " + url + " as url: parse \"" + url.replace("\n", "\\n") + "\": " + unread.get());
        }
        Matcher match = SCHEME.matcher(url);
        String scheme = match.find() ? match.group(1).toLowerCase(java.util.Locale.ROOT) : "";
        if (!SCHEMES.contains(scheme)) {
            return Optional.of("url " + url + " with the unsupported protocol " + scheme);
        }
        for (String letter : new String[] {"$", ","}) {
            if (url.contains(letter)) {
                return Optional.of("url " + url + ", contains " + letter);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> unread(String url) {
        if (CONTROL.matcher(url).find()) {
            return Optional.of("net/url: invalid control character in URL");
        }
        if (url.startsWith(" ")) {
            return Optional.of("first path segment in URL cannot contain colon");
        }
        Matcher escape = BAD_ESCAPE.matcher(url);
        return escape.find() ? Optional.of("invalid URL escape \"" + escape.group() + "\"") : Optional.empty();
    }
}
