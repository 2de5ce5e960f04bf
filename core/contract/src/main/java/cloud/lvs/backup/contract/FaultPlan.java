package cloud.lvs.backup.contract;

import cloud.lvs.backup.contract.Fault.Effect;
import cloud.lvs.backup.contract.FaultySink.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The faults of one test run; {@link #toString()} holds what is needed to have them again.
 *
 * @param name how to make it again, e.g. {@code FaultPlan.random(42)}
 * @param faults in no order
 */
public record FaultPlan(String name, List<Fault> faults) {
    public FaultPlan {
        faults = List.copyOf(faults);
    }

    /** These faults. */
    public static FaultPlan of(Fault... faults) {
        return new FaultPlan("FaultPlan.of", List.of(faults));
    }

    /** One to three faults among the first calls of any operations, the same for the same seed. */
    public static FaultPlan random(long seed) {
        Random random = new Random(seed);
        List<Fault> faults = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            faults.add(randomFault(random));
        }
        return new FaultPlan("FaultPlan.random(" + seed + ")", faults);
    }

    private static Fault randomFault(Random random) {
        List<Operation> operations = List.of(Operation.values());
        List<Effect> effects = List.of(Effect.values());
        Operation operation = operations.get(random.nextInt(operations.size()));
        Effect effect = effects.get(random.nextInt(effects.size()));
        int nth = 1 + random.nextInt(6);
        // Mostly near the beginning, where headers and small journal objects lie.
        long offset = random.nextInt(1 << (1 + random.nextInt(16)));
        return effect.fits(operation) ? new Fault(operation, "", nth, effect, offset) : randomFault(random);
    }

    @Override
    public String toString() {
        return name + faults;
    }
}
