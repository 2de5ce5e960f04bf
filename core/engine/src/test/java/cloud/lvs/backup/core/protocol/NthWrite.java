package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.protocol.Operation.Effect;
import cloud.lvs.backup.core.protocol.Operation.Verdict;

/** Lets a process pass up to its n-th operation that changes something, which fares as stated. */
final class NthWrite implements Gate {
    private final int number;
    private final Verdict verdict;
    private int seen;
    private boolean dead;

    NthWrite(int number, Verdict verdict) {
        this.number = number;
        this.verdict = verdict;
    }

    @Override
    public Verdict enter(Operation operation) {
        if (dead) {
            throw new Crash();
        }
        if (operation.effect() == Effect.WRITES || operation.effect() == Effect.DELETES) {
            seen++;
            if (seen == number) {
                return verdict;
            }
        }
        return Verdict.PROCEEDS;
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
}
