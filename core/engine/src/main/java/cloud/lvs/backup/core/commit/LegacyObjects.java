package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.Adoptable.Member;
import cloud.lvs.backup.spi.Adoptable.Presence;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.StoredObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;

/** Sorts the objects of a sink: into the backups of another tool, and into those that only look like parts of one. */
public final class LegacyObjects {
    /** The jobs that wrote database and token began together. */
    private static final Duration SAME_RUN = Duration.ofHours(1);

    private final List<Adoptable> adoptables;
    private final Map<Adoptable, NavigableMap<Instant, Map<Member, StoredObject>>> matches = new LinkedHashMap<>();
    private final Map<String, String> leftOut = new TreeMap<>();

    /**
     * What the other tool stored under one timestamp.
     *
     * @param objects in the order of the members
     * @param lacks the required members that are not there
     * @param without the optional ones
     */
    record Group(Instant timestamp, Map<Member, StoredObject> objects, List<String> lacks, List<String> without) {}

    LegacyObjects(List<Adoptable> adoptables) {
        this.adoptables = List.copyOf(adoptables);
    }

    void add(StoredObject object) {
        for (Adoptable adoptable : adoptables) {
            for (Member member : adoptable.members()) {
                Matcher matcher = member.key().matcher(object.key());
                if (matcher.matches()) {
                    add(object, adoptable, member, matcher.group("timestamp"));
                    return;
                }
            }
        }
        for (Adoptable adoptable : adoptables) {
            for (Adoptable.Lookalike lookalike : adoptable.lookalikes()) {
                if (lookalike.key().matcher(object.key()).matches()) {
                    leftOut.put(object.key(), lookalike.reason());
                    return;
                }
            }
        }
    }

    private void add(StoredObject object, Adoptable adoptable, Member member, String timestamp) {
        Optional<Instant> instant = BackupId.parseTimestamp(timestamp);
        if (instant.isEmpty()) {
            leftOut.put(object.key(), "there is no such time as " + timestamp);
            return;
        }
        StoredObject before = matches.computeIfAbsent(adoptable, a -> new TreeMap<>())
                .computeIfAbsent(instant.get(), t -> new LinkedHashMap<>())
                .putIfAbsent(member, object);
        if (before != null) {
            leftOut.put(object.key(), before.key() + " is of the same second and comes first");
        }
    }

    /** By key, with the reason. */
    Map<String, String> leftOut() {
        return leftOut;
    }

    List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        matches.forEach((adoptable, byTimestamp) -> byTimestamp.forEach((timestamp, objects) -> {
            Map<Member, StoredObject> ordered = new LinkedHashMap<>();
            List<String> lacks = new ArrayList<>();
            List<String> without = new ArrayList<>();
            for (Member member : adoptable.members()) {
                StoredObject object = objects.get(member);
                if (object != null) {
                    ordered.put(member, object);
                } else {
                    (member.presence() == Presence.REQUIRED ? lacks : without)
                            .add(member.role() + nearest(member, timestamp, byTimestamp));
                }
            }
            groups.add(new Group(timestamp, ordered, lacks, without));
        }));
        return groups;
    }

    /** Names the object that would be the missing member if the two agreed on the second. */
    private static String nearest(
            Member missing, Instant timestamp, NavigableMap<Instant, Map<Member, StoredObject>> byTimestamp) {
        Map<Member, StoredObject> here = byTimestamp.getOrDefault(timestamp, Map.of());
        return byTimestamp.subMap(timestamp.minus(SAME_RUN), true, timestamp.plus(SAME_RUN), true).entrySet().stream()
                .filter(other -> other.getValue().containsKey(missing)
                        && other.getValue().keySet().stream().noneMatch(here::containsKey))
                .min((a, b) -> distance(timestamp, a.getKey()).compareTo(distance(timestamp, b.getKey())))
                .map(other -> " ("
                        + Objects.requireNonNull(other.getValue().get(missing)).key() + " is of another second)")
                .orElse("");
    }

    private static Duration distance(Instant a, Instant b) {
        return Duration.between(a, b).abs();
    }
}
