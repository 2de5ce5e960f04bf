package cloud.lvs.backup.provider.postgres.capture;

import cloud.lvs.backup.provider.postgres.server.TableName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tables of a database in groups of about the same size. The first group is whatever is in no other one: a table that
 * was forgotten, an object of a kind nobody thought of, is dumped there and not lost.
 *
 * @param others every group but the first
 * @param inFirst how many tables are left for the first
 */
record TableGroups(List<Set<TableName>> others, int inFirst) {
    /** More names would not fit into the arguments of a process; the small ones stay in the first group. */
    private static final int MOST_NAMED = 2_000;

    TableGroups {
        others = others.stream().map(Set::copyOf).toList();
    }

    /**
     * Fills the group that holds the least with the largest table left.
     *
     * @param sizes of the tables in bytes
     * @param firstBytes what the first group holds besides tables
     * @param groups how many to make; there are less if there are not enough tables
     */
    static TableGroups of(Map<TableName, Long> sizes, long firstBytes, int groups) {
        List<Map.Entry<TableName, Long>> largestFirst = sizes.entrySet().stream()
                .sorted(Map.Entry.<TableName, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(MOST_NAMED)
                .toList();
        long[] held = new long[groups];
        held[0] = firstBytes;
        List<Set<TableName>> members = new ArrayList<>();
        for (int i = 0; i < groups; i++) {
            members.add(new LinkedHashSet<>());
        }
        for (Map.Entry<TableName, Long> table : largestFirst) {
            int least = 0;
            for (int i = 1; i < groups; i++) {
                if (held[i] < held[least]) {
                    least = i;
                }
            }
            held[least] += table.getValue();
            members.get(least).add(table.getKey());
        }
        List<Set<TableName>> others = members.subList(1, groups).stream()
                .filter(group -> !group.isEmpty())
                .toList();
        int named = others.stream().mapToInt(Set::size).sum();
        return new TableGroups(others, sizes.size() - named);
    }

    /** All tables that are not in the first group. */
    Set<TableName> named() {
        Set<TableName> all = new LinkedHashSet<>();
        others.forEach(all::addAll);
        return all;
    }
}
