package cloud.lvs.backup.core.context;

import cloud.lvs.backup.core.event.BackupListener;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.RunId;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every part of a piece of work shares.
 *
 * @param owner who we are to others, e.g. {@code node-1/4711}
 * @param listener what it throws is its own affair
 * @param progress of this piece of work
 */
public record EngineContext(
        Clock clock,
        RandomGenerator random,
        Map<String, String> tool,
        String owner,
        BackupListener listener,
        ProgressEvents progress) {
    private static final Logger LOG = LoggerFactory.getLogger(EngineContext.class);
    private static final String ID_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int ID_LENGTH = 10;

    public EngineContext(
            Clock clock, RandomGenerator random, Map<String, String> tool, String owner, BackupListener listener) {
        this(clock, random, tool, owner, listener, new ProgressEvents(clock, event -> tell(listener, event)));
    }

    /** The same for another piece of work. */
    public EngineContext anew() {
        return new EngineContext(clock, random, tool, owner, listener);
    }

    /** A piece of work. */
    public interface Work<T> {
        T with(EngineContext engine) throws IOException, InterruptedException;
    }

    /**
     * Does a piece of work, from the event of its beginning to that of its end.
     *
     * @throws BackupException also of what a source, a sink or a policy throws that it must not throw
     */
    public <T> T doing(Stage stage, Job job, Work<T> work, Function<T, Event.Ended> end)
            throws IOException, InterruptedException {
        EngineContext own = anew();
        own.tell(new Event.StageStarted(job.name(), stage));
        T result;
        try {
            result = work.with(own);
        } catch (IOException | InterruptedException | Error e) {
            own.tell(new Event.WorkFailed(job.name(), Failure.of(job.name(), stage.toString(), e)));
            throw e;
        } catch (RuntimeException e) {
            Failure failure = Failure.of(job.name(), stage.toString(), e);
            own.tell(new Event.WorkFailed(job.name(), failure));
            throw failure.exception();
        }
        own.tell(end.apply(result));
        return result;
    }

    private static void tell(BackupListener listener, Event event) {
        try {
            listener.on(event);
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("listener {} failed", listener.getClass().getName(), e);
        }
    }

    /** Tells the listener. */
    public void tell(Event event) {
        progress.tell(event);
    }

    /** A new run id, or a new name for a mark. */
    public RunId newId() {
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_CHARACTERS.charAt(random.nextInt(ID_CHARACTERS.length())));
        }
        return new RunId(id.toString());
    }
}
