package cloud.lvs.backup.provider.postgres.dump;

import cloud.lvs.backup.provider.postgres.server.DatabaseRow;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** How databases are called as items and in keys. */
public final class ItemNames {
    /** The item that holds what belongs to no database: roles and tablespaces. */
    public static final String CLUSTER = "cluster";

    private static final String PREFIX = "database:";

    private ItemNames() {}

    /** The id of a database's item: its name, unless that would be blank or mistaken for another item. */
    public static String ofDatabase(String name) {
        return name.isBlank() || name.equals(CLUSTER) || name.startsWith(PREFIX) ? PREFIX + name : name;
    }

    /** The id of a database's item. */
    public static String of(DatabaseRow database) {
        return ofDatabase(database.name());
    }

    /** The database an item stands for; the inverse of {@link #ofDatabase}. */
    public static String databaseOf(String item) {
        return item.startsWith(PREFIX) ? item.substring(PREFIX.length()) : item;
    }

    /**
     * A name as a part of keys: letters, digits, {@code _} and {@code -} stay, every other byte of its UTF-8 becomes
     * {@code %XX}. Two names never become one.
     */
    public static String stemOf(String database) {
        if (database.equals("globals")) {
            // pg-globals is the stem of roles and tablespaces.
            return "%67lobals";
        }
        StringBuilder stem = new StringBuilder();
        for (byte b : database.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = c >= 'a' && c <= 'z'
                    || c >= 'A' && c <= 'Z'
                    || c >= '0' && c <= '9'
                    || c == '_'
                    || c == '-' && !stem.isEmpty();
            stem.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return stem.toString();
    }
}
