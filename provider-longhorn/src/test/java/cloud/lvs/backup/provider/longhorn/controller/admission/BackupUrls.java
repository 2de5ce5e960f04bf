package cloud.lvs.backup.provider.longhorn.controller.admission;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** The query of a backup's URL. */
final class BackupUrls {
    private BackupUrls() {}

    static Map<String, String> query(String url) {
        Map<String, String> query = new HashMap<>();
        int mark = url.indexOf('?');
        if (mark >= 0) {
            for (String part : url.substring(mark + 1).split("&", -1)) {
                int equals = part.indexOf('=');
                if (equals > 0) {
                    query.put(
                            part.substring(0, equals),
                            URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
                }
            }
        }
        return query;
    }
}
