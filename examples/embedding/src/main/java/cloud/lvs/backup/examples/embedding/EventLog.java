package cloud.lvs.backup.examples.embedding;

import cloud.lvs.backup.core.event.BackupListener;
import cloud.lvs.backup.core.event.Event;
import java.util.function.Consumer;

/** Writes what happens into the log of an application, a line each. */
final class EventLog implements BackupListener {
    private final Consumer<String> log;

    EventLog(Consumer<String> log) {
        this.log = log;
    }

    // tag::listener[]
    @Override
    public void on(Event event) {
        if (event instanceof Event.StageStarted started) {
            log.accept(event.job() + ": " + started.stage());
        } else if (event instanceof Event.Progress progress) {
            log.accept(event.job() + ": " + progress.item() + ", " + progress.doneBytes() + " bytes");
        } else if (event instanceof Event.Transferred sent) {
            log.accept(event.job() + ": " + sent.totalBytes() + " bytes transferred");
        } else if (event instanceof Event.Warned warning) {
            log.accept(event.job() + ": warning: " + warning.message());
        } else if (event instanceof Event.Ended) {
            log.accept(event.job() + ": ended");
        }
    }
    // end::listener[]
}
