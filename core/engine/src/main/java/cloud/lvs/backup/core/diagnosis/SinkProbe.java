package cloud.lvs.backup.core.diagnosis;

import cloud.lvs.backup.core.commit.ClockSkew;
import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.DiagnosisReport;
import cloud.lvs.backup.core.report.DurationText;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Creation;
import cloud.lvs.backup.spi.DeleteReport;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries out on a sink what backups ask of every sink, with objects of its own that it removes on every path. Its keys begin
 * where no journal and no payload does, so nothing takes them for a backup or for what a dead run left.
 */
public final class SinkProbe {
    private static final Logger LOG = LoggerFactory.getLogger(SinkProbe.class);
    private static final String ROOT = ".lvs-backup-doctor/";
    /** Not the trial of deletion, which may have failed for a reason of its own. */
    private static final String LEFTOVERS = "leftovers";

    private static final Duration NOTABLE_SKEW = Duration.ofMinutes(1);

    private final EngineContext engine;
    private final Sink sink;
    private final DiagnosticSteps found;
    private final String directory;
    private final Set<ObjectKey> written = new LinkedHashSet<>();

    public SinkProbe(EngineContext engine, NamedSink sink) {
        this.engine = engine;
        this.sink = sink.sink();
        this.found = new DiagnosticSteps("sink " + sink.name());
        this.directory = ROOT + engine.newId() + "/";
    }

    /** Tries everything. */
    public DiagnosisReport examine() throws InterruptedException {
        try {
            if (found.attempt("write", this::tryToWrite)) {
                found.attempt("list", this::tryToList);
                found.attempt("replace", this::tryToReplace);
                found.attempt("abort", this::tryToAbort);
                found.attempt("create-if-absent", this::tryToCreateOnce);
                found.attempt("delete", this::tryToDelete);
            }
        } finally {
            removeWhatIsLeft();
        }
        found.attempt("store", () -> sink.diagnose().forEach(check -> found.add(check, Kind.SINK)));
        return found.diagnosis();
    }

    /** Only reads. */
    public DiagnosisReport look() throws InterruptedException {
        found.attempt("list", () -> {
            long objects = 0;
            try (Stream<StoredObject> listing = sink.list(ROOT)) {
                objects = listing.count();
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            found.passed(
                    "list",
                    objects == 0
                            ? "answers"
                            : "answers; a doctor that was killed has left " + objects + " objects below " + ROOT);
        });
        return found.diagnosis();
    }

    private ObjectKey key(String name) {
        return new ObjectKey(directory + name);
    }

    private static byte[] content(String words) {
        return ("lvs-backup doctor: " + words + "\n").repeat(32).getBytes(StandardCharsets.UTF_8);
    }

    private ObjectWriter begin(ObjectKey key) throws IOException, InterruptedException {
        boolean isNew = written.add(key);
        try {
            return sink.create(key, Map.of("lvs-backup", "doctor"));
        } catch (IOException e) {
            if (isNew) {
                written.remove(key);
            }
            throw e;
        }
    }

    private StoredObject put(ObjectKey key, byte[] content) throws IOException, InterruptedException {
        try (ObjectWriter writer = begin(key)) {
            writer.body().write(content);
            return writer.commit();
        }
    }

    private void tryToWrite() throws IOException, InterruptedException {
        ObjectKey key = key("probe");
        byte[] content = content("first");
        Instant before = engine.clock().instant();
        put(key, content);
        Instant after = engine.clock().instant();
        found.passed("write", content.length + " bytes were written");
        Optional<StoredObject> object = sink.stat(key);
        if (object.isEmpty() || object.get().sizeBytes() != content.length) {
            throw broken(
                    "object " + key,
                    object.isEmpty()
                            ? "is not there after it was written"
                            : "has " + object.get().sizeBytes() + " bytes after " + content.length + " were written");
        }
        found.passed("stat", "it is there, with its size");
        requireContent(key, content, "what was written");
        found.passed("read", "it reads as it was written");
        compareClocks(before, object.get().lastModified(), after);
    }

    private void requireContent(ObjectKey key, byte[] content, String what) throws IOException, InterruptedException {
        byte[] read;
        try (InputStream in = sink.open(key)) {
            read = in.readNBytes(content.length + 1);
        }
        if (!Arrays.equals(read, content)) {
            throw broken("object " + key, "does not read as " + what);
        }
    }

    private static BackupException broken(String target, String problem) {
        return new BackupException(
                Kind.SINK, target, problem, "this store does not keep what it is given; use another");
    }

    private void compareClocks(Instant before, Instant stored, Instant after) {
        ClockSkew skew = ClockSkew.between(before, stored, after);
        if (skew.exceeds(NOTABLE_SKEW)) {
            found.warned(
                    "clock",
                    "the store's clock is " + DurationText.inWords(skew.ahead())
                            + (skew.isAhead() ? " behind" : " ahead"),
                    "set both clocks: locks, retention and the sweep compare them");
        } else {
            found.passed("clock", "the store's and ours agree");
        }
    }

    private void tryToList() throws IOException, InterruptedException {
        Set<String> listed;
        try (Stream<StoredObject> listing = sink.list(directory)) {
            listed = listing.map(StoredObject::key).collect(Collectors.toSet());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (!listed.equals(Set.of(directory + "probe"))) {
            throw new BackupException(
                    Kind.SINK,
                    "listing of " + directory,
                    "shows " + listed + " and not the one object that was written",
                    "use a store whose listings show at once what was written");
        }
        found.passed("list", "it shows what was written");
    }

    private void tryToReplace() throws IOException, InterruptedException {
        byte[] second = content("second, and longer");
        put(key("probe"), second);
        requireContent(key("probe"), second, "what replaced it");
        found.passed("replace", "an object is replaced by another of its key");
    }

    private void tryToAbort() throws IOException, InterruptedException {
        ObjectKey key = key("aborted");
        try (ObjectWriter writer = begin(key)) {
            writer.body().write(content("never to be seen"));
        }
        if (sink.stat(key).isPresent()) {
            throw broken("object " + key, "is there although it was never finished");
        }
        found.passed("abort", "what is not finished is not seen");
    }

    private void tryToCreateOnce() throws IOException, InterruptedException {
        ObjectKey key = key("once");
        byte[] first = content("once");
        written.add(key);
        Creation creation = sink.createIfAbsent(key, first);
        if (creation == Creation.UNSUPPORTED) {
            found.warned(
                    "create-if-absent",
                    "the store cannot, so runs of one job do not lock each other out; two at once make two valid"
                            + " backups",
                    "let whatever starts them see to it, e.g. concurrencyPolicy: Forbid");
            return;
        }
        Creation again = sink.createIfAbsent(key, content("twice"));
        if (creation != Creation.CREATED || again != Creation.EXISTS) {
            throw broken("object " + key, "was " + creation + " and then " + again + ", not CREATED and then EXISTS");
        }
        requireContent(key, first, "what was there first");
        found.passed("create-if-absent", "runs of one job lock each other out");
    }

    private void tryToDelete() throws IOException, InterruptedException {
        DeleteReport report = sink.delete(List.copyOf(written));
        written.removeIf(key -> !report.refused().containsKey(key));
        if (!report.isComplete()) {
            tellLeft("delete", report);
            return;
        }
        if (sink.stat(key("probe")).isPresent()) {
            throw broken("object " + directory + "probe", "is still there after it was deleted");
        }
        written.clear();
        found.passed("delete", "what was written is gone");
    }

    private void tellLeft(String name, DeleteReport report) {
        found.warned(
                name,
                "the store refuses it: backups are valid, but retention cannot be applied with this key; left "
                        + report.refused().entrySet().stream()
                                .map(refused -> refused.getKey() + " (" + refused.getValue() + ")")
                                .sorted()
                                .collect(Collectors.joining(", ")),
                "use another key for prune, and delete these with it");
        // Asking again would be refused again.
        written.clear();
    }

    private void removeWhatIsLeft() {
        if (written.isEmpty()) {
            return;
        }
        boolean interrupted = Thread.interrupted();
        try {
            DeleteReport report = sink.delete(List.copyOf(written));
            if (!report.isComplete()) {
                tellLeft(LEFTOVERS, report);
                if (interrupted) {
                    // Whoever interrupted this sees no result.
                    LOG.warn("could not delete {}", report.refused().keySet());
                }
            }
        } catch (IOException | RuntimeException e) {
            found.warned(LEFTOVERS, "could not be deleted: " + e.getMessage(), "delete by hand: " + written);
            if (interrupted) {
                LOG.warn("could not delete {}: {}", written, e.getMessage());
            }
        } catch (InterruptedException e) {
            interrupted = true;
            LOG.warn("could not delete {}: asked to stop", written);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
