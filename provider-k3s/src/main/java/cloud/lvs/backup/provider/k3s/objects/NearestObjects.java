package cloud.lvs.backup.provider.k3s.objects;

import cloud.lvs.backup.provider.k3s.decoding.LiveRows;
import cloud.lvs.backup.toolkit.Glob;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What to say of a pattern that matches nothing: what comes near, and what there is. */
final class NearestObjects {
    private static final int NEAREST = 3;
    private static final int SHOWN = 40;

    private record Candidate(String text, int distance) {}

    private final ObjectPattern pattern;
    private final ResourceTypes types;
    private final String wanted;
    private final List<Candidate> nearest = new ArrayList<>();
    private final SortedMap<String, Integer> countByType = new TreeMap<>();
    private final SortedMap<String, Integer> countByTypeInNamespace = new TreeMap<>();
    private final SortedSet<String> namespacesOfType = new TreeSet<>();
    private int ofType;

    private NearestObjects(ObjectPattern pattern, ResourceTypes types) {
        this.pattern = pattern;
        this.types = types;
        this.wanted = wanted();
    }

    /** In words, to continue "matches nothing in this backup; ". */
    static String inWords(ObjectPattern pattern, ResourceTypes types, LiveRows rows)
            throws SQLException, IOException, InterruptedException {
        NearestObjects nearest = new NearestObjects(pattern, types);
        rows.keys(LiveRows.ROOT, (row, key) -> types.locate(row, key).ifPresent(nearest::look));
        return nearest.inWords();
    }

    /** With the name that the candidates have for its type. */
    private String wanted() {
        String type = pattern.text().substring(0, pattern.text().indexOf('/'));
        Optional<ResourceType> known = pattern.namesType()
                ? types.all().stream().filter(each -> pattern.isOf(each, types)).findFirst()
                : Optional.empty();
        return known.map(ResourceType::qualified).orElse(type)
                + pattern.text().substring(pattern.text().indexOf('/'));
    }

    private void look(ObjectRef object) {
        countByType.merge(object.type().qualified(), 1, Integer::sum);
        if (pattern.namespace().isPresent() && pattern.namespace().get().matches(object.namespace())) {
            countByTypeInNamespace.merge(object.type().qualified(), 1, Integer::sum);
        }
        if (pattern.isOf(object.type(), types)) {
            ofType++;
            if (!object.namespace().isEmpty()) {
                namespacesOfType.add(object.namespace());
            }
        }
        String text = object.text();
        int farthest = nearest.size() < NEAREST
                ? Integer.MAX_VALUE
                : nearest.get(NEAREST - 1).distance();
        if (Math.abs(text.length() - wanted.length()) < farthest) {
            int distance = distance(wanted, text);
            if (distance < farthest) {
                nearest.add(new Candidate(text, distance));
                nearest.sort(Comparator.comparingInt(Candidate::distance));
                if (nearest.size() > NEAREST) {
                    nearest.remove(NEAREST);
                }
            }
        }
    }

    private String inWords() {
        String near = nearest.isEmpty()
                ? "it holds no object"
                : "the nearest: " + nearest.stream().map(Candidate::text).collect(Collectors.joining(", "));
        if (ofType > 0) {
            return near + "; of that type there " + (ofType == 1 ? "is 1" : "are " + ofType)
                    + (namespacesOfType.isEmpty()
                            ? ", of the cluster and not of a namespace"
                            : ", in " + shown(List.copyOf(namespacesOfType)));
        }
        return near
                + (countByTypeInNamespace.isEmpty()
                        ? "; there are " + shown(counts(countByType))
                        : "; there are " + shown(counts(countByTypeInNamespace)) + " in "
                                + pattern.namespace().map(Glob::text).orElse(""));
    }

    private static List<String> counts(SortedMap<String, Integer> byType) {
        return byType.entrySet().stream()
                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                .toList();
    }

    private static String shown(List<String> texts) {
        return String.join(", ", texts.subList(0, Math.min(SHOWN, texts.size())))
                + (texts.size() > SHOWN ? " and " + (texts.size() - SHOWN) + " more" : "");
    }

    /** After Levenshtein: how many characters to change, add or leave out. */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
