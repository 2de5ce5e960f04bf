package cloud.lvs.backup.core;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.event.Event;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.RetentionPlan;
import cloud.lvs.backup.spi.RetentionPlan.Decision;
import cloud.lvs.backup.spi.RetentionPlan.Verdict;
import cloud.lvs.backup.spi.RetentionPolicy;
import cloud.lvs.backup.spi.Sink;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.UnaryOperator;

/** An engine, a job of notes and an in-memory sink, today. */
final class EngineFixture {
    private static final String LEGACY = "%1$tY/%1$tm/%2$s-%1$tY%1$tm%1$tdT%1$tH%1$tM%1$tSZ%3$s";

    final TestClock clock = TestClock.today();
    final InMemorySink store = new InMemorySink(clock);
    final NotesSource.Script script = new NotesSource.Script();
    final List<Event> events = new ArrayList<>();
    final BackupEngine engine = new BackupEngine(clock, new Random(7), Map.of("lvs-backup", "test"), events::add);

    Job job() {
        return job(store, builder -> builder);
    }

    Job job(UnaryOperator<Job.Builder> parts) {
        return job(store, parts);
    }

    Job job(Sink sink, UnaryOperator<Job.Builder> parts) {
        return parts.apply(Job.named("notes", "notes", script::open, new NamedSink("main", sink)))
                .build();
    }

    /** Runs, and moves a day on. */
    BackupId runDaily(Job job) {
        BackupId id = runOnce(job);
        clock.advance(Duration.ofDays(1));
        return id;
    }

    BackupId runOnce(Job job) {
        return Objects.requireNonNull(run(job).id());
    }

    RunReport run(Job job) {
        return engine.run(job, Mode.EXECUTE);
    }

    /** Keeps the newest {@code count}. */
    static RetentionPolicy keepLast(int count) {
        return (newestFirst, now) -> {
            List<Decision> decisions = new ArrayList<>();
            for (BackupSummary backup : newestFirst) {
                decisions.add(new Decision(
                        backup, decisions.size() < count ? Verdict.KEEP : Verdict.DROP, "keepLast " + count));
            }
            return new RetentionPlan(decisions);
        };
    }

    /** The keys outside the journal. */
    List<String> payload() {
        return store.keys().stream()
                .filter(key -> !key.startsWith(Journal.ROOT))
                .toList();
    }

    /** The names in the journal directory of a backup. */
    List<String> journal(BackupId id) {
        String prefix = Journal.ROOT + id.job() + "/" + id.directory() + "/";
        return store.keys().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .toList();
    }

    /** What another tool called its object of some days ago, e.g. {@code 2026/11/note-20261120T030000Z.txt.gz}. */
    String legacy(int daysAgo, String stem, String extension) {
        return legacy(clock.instant().minus(Duration.ofDays(daysAgo)), stem, extension);
    }

    String legacy(Instant then, String stem, String extension) {
        return LEGACY.formatted(then.atOffset(ZoneOffset.UTC), stem, extension);
    }

    void put(String key, byte[] content) throws Exception {
        try (ObjectWriter writer = store.create(new ObjectKey(key), Map.of())) {
            writer.body().write(content);
            writer.commit();
        }
    }

    byte[] bytes(String key) {
        return store.bytes(key).orElseThrow();
    }
}
