package cloud.lvs.backup.core.context;

import cloud.lvs.backup.core.report.DrillReport.Phase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Times the parts of a piece of work, one after the other; a name that comes again adds to its time. Thread-safe. */
public final class PhaseTimer {
    private final Clock clock;
    private final Map<String, Duration> ended = new LinkedHashMap<>();
    private @Nullable String current;
    private Instant began;
    private boolean untilNamed;

    public PhaseTimer(Clock clock) {
        this.clock = clock;
        this.began = clock.instant();
    }

    /**
     * Ends the phase there is, and begins work whose parts may name themselves: the first one that does takes the place of this
     * phase and counts from its beginning.
     */
    public synchronized void beginParts(String name) {
        begin(name);
        untilNamed = true;
    }

    /** Ends the phase there is, and begins another. */
    public synchronized void begin(String name) {
        if (untilNamed && current != null) {
            ended.remove(current);
        } else {
            end();
        }
        untilNamed = false;
        // PhaseTimer are told in the order they began.
        ended.putIfAbsent(name, Duration.ZERO);
        current = name;
    }

    /** Ends the phase there is. */
    public synchronized void end() {
        Instant now = clock.instant();
        if (current != null) {
            ended.merge(current, Duration.between(began, now), Duration::plus);
        }
        current = null;
        untilNamed = false;
        began = now;
    }

    /** Those that ended. */
    public synchronized List<Phase> all() {
        return ended.entrySet().stream()
                .map(phase -> new Phase(phase.getKey(), phase.getValue()))
                .toList();
    }

    /** How long they took together. */
    public synchronized Duration total() {
        return ended.values().stream().reduce(Duration.ZERO, Duration::plus);
    }
}
