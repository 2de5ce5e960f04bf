package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions;
import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Extra;
import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.provider.k3s.decoding.UndecodableValueException;
import cloud.lvs.backup.provider.k3s.decoding.ValueDecoder;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds objects in a copy of a datastore by their keys, reading no value but those of CustomResourceDefinitions. */
final class ObjectFinder {
    private static final String NAMESPACES = LiveRows.ROOT + "namespaces/";

    private final LiveRows rows;
    private final ValueDecoder decoder;
    private final int limit;
    private final ResourceTypes types = ResourceTypes.ofKubernetes();
    private final SortedMap<String, ObjectRef> found = new TreeMap<>();
    private final SortedMap<String, ObjectRef> leftOut = new TreeMap<>();

    /** @param limit how many may be found */
    ObjectFinder(LiveRows rows, ValueDecoder decoder, int limit) {
        this.rows = rows;
        this.decoder = decoder;
        this.limit = limit;
    }

    /**
     * What the patterns match, with the namespaces that it is in.
     *
     * @throws BackupException of kind {@code CONFIG} if a pattern matches nothing, or all match too much
     */
    ObjectSelection find(List<ObjectPattern> patterns, K3sRestoreOptions options)
            throws SQLException, IOException, InterruptedException {
        for (ObjectPattern pattern : patterns) {
            if (!pattern.isOfKubernetes(types)) {
                define();
                break;
            }
        }
        for (ObjectPattern pattern : patterns) {
            if (!collect(pattern, options)) {
                define();
                throw new BackupException(
                        Kind.CONFIG,
                        "objects=" + pattern.text(),
                        "matches nothing in this backup; " + NearestObjects.inWords(pattern, types, rows),
                        "mend the pattern; --dry-run with '*/NAMESPACE/*' or '*/*' lists what there is");
            }
        }
        leftOut.keySet().removeAll(found.keySet());
        Set<String> missing = addNamespaces();
        List<ObjectRef> ordered = new ArrayList<>(found.values());
        ordered.sort(ApplyOrder.COMPARATOR);
        return new ObjectSelection(ordered, List.copyOf(leftOut.values()), missing);
    }

    /** Of a definition that cannot be read, the objects are found by their keys. */
    private void define() throws SQLException, IOException, InterruptedException {
        rows.values(ResourceTypes.DEFINITIONS, row -> {
            try {
                types.define(decoder.decode(row.key(), row.require(), row.id()).json());
            } catch (UndecodableValueException e) {
                // Told when it is written, or verified.
            }
        });
    }

    private boolean collect(ObjectPattern pattern, K3sRestoreOptions options)
            throws SQLException, IOException, InterruptedException {
        boolean[] any = {false};
        for (String prefix : pattern.prefixes(types)) {
            rows.keys(prefix, (row, key) -> {
                ObjectRef object = types.locate(row, key).orElse(null);
                if (object == null || !pattern.matches(object, types)) {
                    return;
                }
                any[0] = true;
                (pattern.namesType() || isIncluded(object.type(), options) ? found : leftOut).put(key, object);
                requireFew();
            });
        }
        return any[0];
    }

    private static boolean isIncluded(ResourceType type, K3sRestoreOptions options) {
        return (!type.isSecret() || options.secrets() == Extra.INCLUDE)
                && (!type.isEvent() || options.owned() == Extra.INCLUDE);
    }

    private void requireFew() throws BackupException {
        if (found.size() > limit) {
            throw new BackupException(
                    Kind.CONFIG,
                    "objects",
                    "match more than " + limit + " objects",
                    "narrow the patterns, or give your consent to that many files (--yes)");
        }
    }

    private Set<String> addNamespaces() throws SQLException, IOException, InterruptedException {
        Set<String> missing = new TreeSet<>();
        found.values().stream()
                .map(ObjectRef::namespace)
                .filter(namespace -> !namespace.isEmpty())
                .forEach(missing::add);
        rows.keys(NAMESPACES, (row, key) -> {
            if (missing.remove(key.substring(NAMESPACES.length()))) {
                types.locate(row, key).ifPresent(namespace -> found.put(key, namespace));
            }
        });
        return missing;
    }
}
