package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.protocol.Actor.Role;
import cloud.lvs.backup.core.protocol.Replay.Guide;
import cloud.lvs.backup.core.protocol.Replay.Mishaps;
import cloud.lvs.backup.core.protocol.Replay.Option;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Plays every order of the operations of some actors, cheapest first: those with few preemptions, jumps of the clock and
 * faults. A state that was reached before (by what the actors saw and what the world holds) is not gone into again, so that a
 * search that runs dry has seen everything. The ten rules are checked at every end that differs.
 */
final class Explorer {
    private static final int RANDOM_STEPS_PER_FAULT = 25;

    /** Whether a scenario can be explored to its end in minutes. */
    enum Size {
        SMALL,
        LARGE
    }

    /**
     * What is explored.
     *
     * @param world makes the world of one replay
     */
    record Scenario(String name, Size size, Supplier<World> world, List<Role> roles) {}

    /**
     * What was done.
     *
     * @param ends how many different ends were checked
     * @param good in how many of them all actors did what they were asked to
     * @param runDry whether nothing was left to explore
     */
    record Summary(String scenario, long replays, int states, int ends, int good, boolean runDry) {
        @Override
        public String toString() {
            return scenario + ": " + replays + " replays, " + states + " states, " + ends + " ends"
                    + (runDry ? ", all" : ", cut off");
        }
    }

    private final Scenario scenario;
    private final Mishaps mishaps;
    private final Set<Long> states = new HashSet<>();
    private final Set<Long> ends = new HashSet<>();
    private final TreeMap<Integer, Deque<int[]>> frontier = new TreeMap<>();
    private long replays;
    private int good;

    Explorer(Scenario scenario, Mishaps mishaps) {
        this.scenario = scenario;
        this.mishaps = mishaps;
    }

    /** Plays at most so many replays, systematically. */
    Summary explore(long most) {
        ExecutorService threads = threads();
        try {
            push(new int[0], 0);
            while (!frontier.isEmpty() && replays < most) {
                int cost = frontier.firstKey();
                Deque<int[]> cheapest = frontier.firstEntry().getValue();
                int[] prefix = cheapest.poll();
                if (cheapest.isEmpty()) {
                    frontier.remove(cost);
                }
                if (prefix != null) {
                    play(new Systematic(prefix, cost), threads);
                }
            }
        } finally {
            threads.shutdownNow();
        }
        return summary(frontier.isEmpty());
    }

    /** Plays so many random replays, the same ones for the same seed. */
    Summary wander(long seed, int count) {
        ExecutorService threads = threads();
        try {
            for (int i = 0; i < count; i++) {
                play(new Wandering(new Random(seed + i)), threads);
            }
        } finally {
            threads.shutdownNow();
        }
        return summary(false);
    }

    /** Plays the replay that a failure printed. */
    Replay again(List<Integer> choices) {
        ExecutorService threads = threads();
        try {
            return play(
                    (replay, options) -> replay.choices().size() < choices.size()
                            ? choices.get(replay.choices().size())
                            : 0,
                    threads);
        } finally {
            threads.shutdownNow();
        }
    }

    private Summary summary(boolean runDry) {
        return new Summary(scenario.name() + ", " + mishaps, replays, states.size(), ends.size(), good, runDry);
    }

    private static ExecutorService threads() {
        return Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "actor");
            thread.setDaemon(true);
            return thread;
        });
    }

    private Replay play(Guide guide, ExecutorService threads) {
        Replay replay = new Replay(scenario.world().get(), scenario.roles(), guide, mishaps);
        replay.play(threads);
        replays++;
        if (replay.isComplete() && ends.add(replay.hash())) {
            if (replay.actors().stream().allMatch(actor -> actor.ending().way() == Claim.Way.DONE)) {
                good++;
            }
            List<String> violations = new TenRules(replay).violations();
            if (!violations.isEmpty()) {
                throw new AssertionError(scenario.name() + " breaks the rules:\n  - "
                        + String.join("\n  - ", violations) + "\nin replay " + replays + "\n" + replay.story());
            }
        }
        return replay;
    }

    private void push(int[] prefix, int cost) {
        frontier.computeIfAbsent(cost, c -> new ArrayDeque<>()).add(prefix);
    }

    /** Follows a prefix, then takes the first of the options and leaves the others for later. */
    private final class Systematic implements Guide {
        private final int[] prefix;
        private final int cost;

        Systematic(int[] prefix, int cost) {
            this.prefix = prefix;
            this.cost = cost;
        }

        @Override
        public int choose(Replay replay, List<Option> options) {
            int step = replay.choices().size();
            if (step < prefix.length) {
                return prefix[step];
            }
            if (!states.add(replay.hash())) {
                return -1;
            }
            if (options.size() > 1) {
                int[] path = replay.choices().stream().mapToInt(i -> i).toArray();
                for (int i = 1; i < options.size(); i++) {
                    int[] next = java.util.Arrays.copyOf(path, step + 1);
                    next[step] = i;
                    push(next, cost + options.get(i).cost());
                }
            }
            return 0;
        }
    }

    /** Goes on with the same actor mostly, and with faults now and then. */
    private static final class Wandering implements Guide {
        private final Random random;

        Wandering(Random random) {
            this.random = random;
        }

        @Override
        public int choose(Replay replay, List<Option> options) {
            List<Integer> plain = new ArrayList<>();
            List<Integer> mishaps = new ArrayList<>();
            for (int i = 0; i < options.size(); i++) {
                Option option = options.get(i);
                boolean isPlain = option.actor() != null && option.verdict() == Operation.Verdict.PROCEEDS;
                (isPlain ? plain : mishaps).add(i);
            }
            if (!mishaps.isEmpty() && random.nextInt(RANDOM_STEPS_PER_FAULT) == 0) {
                return mishaps.get(random.nextInt(mishaps.size()));
            }
            return random.nextInt(3) > 0 ? plain.get(0) : plain.get(random.nextInt(plain.size()));
        }
    }
}
