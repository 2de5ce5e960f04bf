package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.protocol.Actor.Role;
import cloud.lvs.backup.core.protocol.Operation.Effect;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Actors in one world, exactly one of which moves at a time; a guide says which, and how its operation fares. */
final class Replay {
    /** A moment, then more than half of the grace period, then more than the whole. */
    static final List<Duration> STEPS = List.of(
            Duration.ofMinutes(1),
            World.GRACE.multipliedBy(6).dividedBy(10),
            World.GRACE.multipliedBy(6).dividedBy(10));

    /** Past the grace period at once. */
    static final List<Duration> LEAP = List.of(World.GRACE.plusHours(1));

    private static final int ENOUGH_STEPS = 2000;

    /** Chooses what happens next. */
    interface Guide {
        /** The index of one of the options, or negative to end the replay here. */
        int choose(Replay replay, List<Option> options);
    }

    /**
     * What may happen next.
     *
     * @param actor who moves, or null if the clock does
     * @param cost 1 for whatever does not happen by itself: a preemption, a jump of the clock, a fault
     */
    record Option(@Nullable Actor actor, Verdict verdict, int cost) {
        @Override
        public String toString() {
            if (actor == null) {
                return "clock: jumps";
            }
            return actor.name() + ": " + actor.pending() + (verdict == Verdict.PROCEEDS ? "" : "  << " + verdict);
        }
    }

    /** Whether a request may take longer than half the grace period, or a clock be that far off. */
    enum Requests {
        BOUNDED,
        UNBOUNDED
    }

    /**
     * What may go wrong.
     *
     * @param verdicts how operations may fare
     * @param count how often
     * @param jumps how far the clock may jump, in this order
     * @param requests if bounded, the clock jumps only while nobody is about to change anything
     */
    record Mishaps(Set<Verdict> verdicts, int count, List<Duration> jumps, Requests requests) {
        Mishaps(Set<Verdict> verdicts, int count, List<Duration> jumps) {
            this(verdicts, count, jumps, Requests.BOUNDED);
        }

        static final Mishaps NONE = new Mishaps(Set.of(), 0, List.of());

        @Override
        public String toString() {
            return (count == 0 ? "no mishap" : count + " of " + verdicts) + (jumps.isEmpty() ? "" : ", jumps " + jumps);
        }
    }

    private final World world;
    private final List<Actor> actors = new ArrayList<>();
    private final Guide guide;
    private final Mishaps mishaps;
    private final Semaphore over = new Semaphore(0);
    private final List<Integer> choices = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private @Nullable Actor current;
    private @Nullable Throwable broken;
    private int faults;
    private int jumps;
    private boolean ended;

    Replay(World world, List<Role> roles, Guide guide, Mishaps mishaps) {
        this.world = world;
        this.guide = guide;
        this.mishaps = mishaps;
        for (Role role : roles) {
            actors.add(new Actor(role, actors.size(), this));
        }
    }

    /** Plays to the end, or to where the guide ends it. */
    void play(Executor threads) {
        actors.forEach(actor -> threads.execute(() -> actor.live(world)));
        leave();
        over.acquireUninterruptibly();
        if (broken != null) {
            throw new AssertionError("broke in\n" + story(), broken);
        }
    }

    /** The actor with the turn is about to do its next operation; returns when it is its turn again. */
    void pass(Actor actor) {
        next();
        actor.rest();
    }

    /** The actor with the turn has come to its end. */
    void leave() {
        next();
    }

    private void next() {
        while (!ended) {
            List<Option> options = options();
            if (options.isEmpty()) {
                over.release();
                return;
            }
            if (choices.size() > ENOUGH_STEPS) {
                broken = new AssertionError("does not end");
                break;
            }
            int index = guide.choose(this, options);
            if (index < 0) {
                break;
            }
            Option option = options.get(index);
            choices.add(index);
            trace.add(option.toString());
            if (option.actor() == null) {
                Duration jump = mishaps.jumps().get(jumps++);
                world.clock().advance(jump);
                continue;
            }
            if (option.verdict() != Verdict.PROCEEDS) {
                faults++;
            }
            current = option.actor();
            option.actor().grant(option.verdict());
            return;
        }
        bury();
    }

    /** Nobody moves any more: each actor gets its turn once to find itself dead. */
    private void bury() {
        ended = true;
        for (Actor actor : actors) {
            if (!actor.isFinished()) {
                actor.die();
                actor.grant(Verdict.CRASHES_BEFORE);
                return;
            }
        }
        over.release();
    }

    private List<Option> options() {
        List<Option> options = new ArrayList<>();
        List<Actor> alive = new ArrayList<>();
        Actor running = current;
        if (running != null && !running.isFinished()) {
            alive.add(running);
        }
        for (Actor actor : actors) {
            if (actor != running && !actor.isFinished()) {
                alive.add(actor);
            }
        }
        boolean preempts = running != null && !running.isFinished();
        for (Actor actor : alive) {
            options.add(new Option(actor, Verdict.PROCEEDS, preempts && actor != running ? 1 : 0));
        }
        if (jumps < mishaps.jumps().size()
                && !alive.isEmpty()
                && (mishaps.requests() == Requests.UNBOUNDED || alive.stream().noneMatch(Replay::isChanging))) {
            options.add(new Option(null, Verdict.PROCEEDS, 1));
        }
        if (faults < mishaps.count()) {
            for (Actor actor : alive) {
                for (Verdict verdict : Verdict.values()) {
                    if (mishaps.verdicts().contains(verdict)
                            && mayFare(actor.pending().effect(), verdict)) {
                        options.add(new Option(actor, verdict, preempts && actor != running ? 2 : 1));
                    }
                }
            }
        }
        return options;
    }

    private static boolean isChanging(Actor actor) {
        Effect effect = actor.pending().effect();
        return effect == Effect.WRITES || effect == Effect.DELETES;
    }

    /** Dying before or after an operation that changes nothing is dying after the one before. */
    private static boolean mayFare(Effect effect, Verdict verdict) {
        return switch (verdict) {
            case PROCEEDS -> false;
            case CRASHES_BEFORE, CRASHES_AFTER, LOSES_REPLY -> effect == Effect.WRITES || effect == Effect.DELETES;
            case FAILS -> effect != Effect.PAUSES;
            case IS_REFUSED, IS_REFUSED_IN_PART -> effect == Effect.DELETES;
        };
    }

    void broke(Actor actor, Throwable cause) {
        broken = new AssertionError(actor.name(), cause);
    }

    World world() {
        return world;
    }

    List<Actor> actors() {
        return actors;
    }

    /** The choices so far: with them the same replay can be had again. */
    List<Integer> choices() {
        return choices;
    }

    /** Whether all actors came to their end by themselves. */
    boolean isComplete() {
        return !ended;
    }

    /** Whether something happened that may leave work to a later prune. */
    boolean hadMishap() {
        return faults > 0 || jumps > 0;
    }

    /** Everything that decides what can come of it. */
    long hash() {
        long hash = Depot.mix(world.hash(), 31L * faults + jumps);
        for (Actor actor : actors) {
            hash = Depot.mix(hash, actor.hash());
        }
        return Depot.mix(hash, world.breaches().size());
    }

    String story() {
        StringBuilder story = new StringBuilder();
        trace.forEach(line -> story.append("    ").append(line).append('\n'));
        actors.forEach(actor -> story.append("  ")
                .append(actor.name())
                .append(": ")
                .append(actor.ending().text())
                .append('\n'));
        return story.append("  choices ").append(choices).toString();
    }
}
