package cloud.lvs.backup.provider.k3s.backup;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Sensitivity;
import java.util.Map;
import java.util.Optional;

/** What a backup of a datastore consists of: one item, a database and its token. */
public final class BackupLayout {
    /** The one item there is. */
    public static final String ITEM = "datastore";

    public static final String DATABASE_ROLE = "k3s-sqlite";
    public static final String TOKEN_ROLE = "k3s-token";

    private BackupLayout() {}

    public static Artifact database() {
        return new Artifact(ITEM, DATABASE_ROLE, DATABASE_ROLE, ".db", 0, Sensitivity.ORDINARY, "> state.db");
    }

    public static Artifact token() {
        return new Artifact(ITEM, TOKEN_ROLE, TOKEN_ROLE, "", 1, Sensitivity.SECRET, "> token");
    }

    /** What a manifest says of the datastore. */
    public static Optional<Map<String, String>> factsOf(Manifest manifest) {
        return manifest.items().stream()
                .filter(item -> item.item().equals(ITEM))
                .map(ItemResult::facts)
                .findFirst();
    }

    /** A number among such facts; empty if it is not there, or not a number. */
    public static Optional<Long> number(Optional<Map<String, String>> facts, String name) {
        return facts.map(known -> known.get(name))
                .filter(text -> text.matches("\\d{1,18}"))
                .map(Long::valueOf);
    }
}
