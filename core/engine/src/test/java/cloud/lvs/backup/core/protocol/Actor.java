package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.protocol.Claim.Ending;
import cloud.lvs.backup.core.protocol.Operation.Effect;
import cloud.lvs.backup.core.protocol.Operation.Verdict;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One process in a replay, on a thread of its own: it moves only when it is its turn. */
final class Actor implements Gate {
    /** What a process does. */
    @FunctionalInterface
    interface Work {
        Ending run(World world, Actor self) throws Exception;
    }

    /** Whether the store lets a process delete. */
    enum Permission {
        MAY_DELETE,
        MAY_NOT_DELETE
    }

    /** A process before it begins. */
    record Role(String name, Permission permission, Work work) {
        Role(String name, Work work) {
            this(name, Permission.MAY_DELETE, work);
        }
    }

    private static final Operation START = new Operation(Effect.PAUSES, "start");
    private static final Pattern COMMITTED =
            Pattern.compile(".*: commit .*-([a-z0-9]+)/(committed-|abandoned-|deleting)[^/]*");

    private final Role role;
    private final int index;
    private final Replay replay;
    private final Semaphore turn = new Semaphore(0);
    private final Set<String> sent = new TreeSet<>();
    private final Set<String> deletedAfterCommit = new TreeSet<>();
    private Operation pending = START;
    private Verdict verdict = Verdict.PROCEEDS;
    private Ending ending = Ending.NONE;
    private long history;
    private boolean dead;
    private boolean finished;

    Actor(Role role, int index, Replay replay) {
        this.role = role;
        this.index = index;
        this.replay = replay;
    }

    String name() {
        return role.name();
    }

    /** Run ids are the same in every replay, and others than those of the other actors. */
    Random random() {
        return new Random(1000L + index);
    }

    /** The life of the process; the replay has a thread for it. */
    void live(World world) {
        turn.acquireUninterruptibly();
        try {
            if (!dead) {
                ending = role.work().run(world, this);
            }
        } catch (Crash e) {
            dead = true;
        } catch (RuntimeException e) {
            world.breaches().add(name() + " threw " + e);
        } catch (Exception e) {
            ending = new Ending(Claim.Way.FAILED, e.toString(), List.of());
        } catch (Throwable e) {
            replay.broke(this, e);
        } finally {
            finished = true;
            replay.leave();
        }
    }

    @Override
    public Verdict enter(Operation operation) {
        if (dead) {
            throw new Crash();
        }
        pending = operation;
        replay.pass(this);
        if (dead) {
            throw new Crash();
        }
        Verdict granted = verdict;
        if (operation.effect() == Effect.DELETES
                && role.permission() == Permission.MAY_NOT_DELETE
                && granted == Verdict.PROCEEDS) {
            granted = Verdict.IS_REFUSED;
        }
        remember(operation, granted);
        history = Depot.mix(history, operation.text().hashCode());
        history = Depot.mix(history, replay.world().clock().instant().getEpochSecond());
        return granted;
    }

    private void remember(Operation operation, Verdict granted) {
        Matcher committed = COMMITTED.matcher(operation.text());
        if (committed.matches() && granted != Verdict.CRASHES_BEFORE) {
            if (committed.group(2).equals("committed-")) {
                sent.add(committed.group(1));
            } else {
                // Retention, which a run's own backup is subject to as well.
                sent.remove(committed.group(1));
            }
        }
        if (operation.effect() == Effect.DELETES && !sent.isEmpty()) {
            sent.stream()
                    .filter(run ->
                            operation.text().contains(run) && !replay.world().isDeleting(run))
                    .forEach(deletedAfterCommit::add);
        }
    }

    @Override
    public void saw(long what) {
        history = Depot.mix(history, what);
    }

    @Override
    public Crash die() {
        dead = true;
        return new Crash();
    }

    @Override
    public boolean isDead() {
        return dead;
    }

    void grant(Verdict next) {
        verdict = next;
        turn.release();
    }

    void rest() {
        turn.acquireUninterruptibly();
    }

    boolean isFinished() {
        return finished;
    }

    boolean isRefusedDeletes() {
        return role.permission() == Permission.MAY_NOT_DELETE;
    }

    Operation pending() {
        return pending;
    }

    Ending ending() {
        return ending;
    }

    /** The runs of which it deleted something although it had sent their commit. */
    Set<String> deletedAfterCommit() {
        return deletedAfterCommit;
    }

    long hash() {
        if (finished) {
            return Depot.mix(ending.hashCode(), deletedAfterCommit.hashCode());
        }
        return Depot.mix(history, pending.text().hashCode());
    }
}
