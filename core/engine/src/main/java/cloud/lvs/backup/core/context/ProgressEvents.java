package cloud.lvs.backup.core.context;

import cloud.lvs.backup.core.event.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How far one piece of work is. Tells the newest state of each item and each object a few times a second, and the last state
 * before any other event. Thread-safe.
 */
public final class ProgressEvents {
    static final int PER_SECOND = 4;
    private static final Duration INTERVAL = Duration.ofSeconds(1).dividedBy(PER_SECOND);

    private final Clock clock;
    private final Consumer<Event> listener;
    private final Map<String, Event> untold = new LinkedHashMap<>();
    private final Map<String, Long> bytesByKey = new HashMap<>();
    private long totalBytes;
    private @Nullable Instant told;

    public ProgressEvents(Clock clock, Consumer<Event> listener) {
        this.clock = clock;
        this.listener = listener;
    }

    /** An item is so far. */
    public synchronized void reached(Event.Progress progress) {
        untold.put("item " + progress.item(), progress);
        tellIfDue();
    }

    /** So many more bytes of an object went to or came from the sink. */
    public synchronized void transferred(String job, String key, long bytes) {
        totalBytes += bytes;
        long keyBytes = bytesByKey.merge(key, bytes, Long::sum);
        untold.put("object " + key, new Event.Transferred(job, key, keyBytes, totalBytes));
        tellIfDue();
    }

    /** Tells an event of another kind, and before it whatever was not told yet. */
    public synchronized void tell(Event event) {
        tellUntold();
        listener.accept(event);
    }

    private void tellIfDue() {
        Instant now = clock.instant();
        if (told == null || Duration.between(told, now).compareTo(INTERVAL) >= 0) {
            told = now;
            tellUntold();
        }
    }

    private void tellUntold() {
        untold.values().forEach(listener);
        untold.clear();
    }
}
