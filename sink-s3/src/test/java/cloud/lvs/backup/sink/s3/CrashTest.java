package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Cut;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * A process that dies before or after each of the requests of a run with retention, a prune with a sweep, an adoption and a
 * copy; or that lives but is not told what became of one. Another process then finds what the protocol promises.
 */
@Tag("today")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrashTest {
    private static final boolean FULL = "full".equals(System.getProperty("lvs.test.extent"));
    private static final int SAMPLES_PER_VERB = 10;

    private final long seed = Long.getLong("lvs.test.seed", System.nanoTime());
    private final Map<Verb, Site> prepared = new EnumMap<>(Verb.class);

    /** What the process does. */
    private enum Verb {
        RUN(1),
        PRUNE(1),
        ADOPT(Site.ALL),
        COPY(1);

        private final int newest;

        Verb(int newest) {
            this.newest = newest;
        }

        /** The job of a process that does this. */
        Job job(Site site) {
            return this == COPY ? site.copyingJob(newest) : site.job(newest);
        }

        void perform(Site site) throws IOException, InterruptedException {
            Job job = job(site);
            switch (this) {
                case RUN -> {
                    RunReport report = site.engine().run(job, Mode.EXECUTE);
                    assertThat(report.failures()).isEmpty();
                }
                case PRUNE ->
                    site.engine()
                            .prune(job, Mode.EXECUTE)
                            .forEach(report -> assertThat(report.leftovers()).isEmpty());
                case ADOPT -> site.engine().adopt(job, Mode.EXECUTE);
                case COPY ->
                    site.engine()
                            .copy(
                                    job,
                                    site.engine().resolve(job, "latest"),
                                    job.copies().get(0).sink(),
                                    Mode.EXECUTE);
            }
        }
    }

    private record Point(Verb verb, int request, Cut cut) {}

    @AfterAll
    void close() {
        prepared.values().forEach(Site::close);
    }

    @TestFactory
    Stream<DynamicTest> everythingHoldsAfterADeath() throws Exception {
        System.out.println("crash points by -Dlvs.test.seed=" + seed);
        List<DynamicTest> tests = new ArrayList<>();
        for (Verb verb : Verb.values()) {
            Site prototype = prepare(verb);
            prepared.put(verb, prototype);
            Set<BackupId> before = prototype.wholeBackups(prototype.job(Site.ALL));
            for (Point point : pointsOf(verb, prototype)) {
                tests.add(DynamicTest.dynamicTest(point.toString(), () -> check(point, prototype, before)));
            }
        }
        return tests.stream();
    }

    /** Two backups, the older of which retention drops; before a prune also what a dead run left. */
    private static Site prepare(Verb verb) throws Exception {
        Site site = Site.withBackups(100 + verb.ordinal(), 3, 2);
        if (verb == Verb.PRUNE) {
            site.clock.set(Site.NOW.minus(Duration.ofDays(1)));
            site.store.on(Operation.COMPLETE, call -> {
                site.store.cut(1, Cut.DEAD_BEFORE);
                call.answer(403, "");
            });
            assertThat(site.run(Site.ALL).outcome()).isEqualTo(Outcome.FAILED);
            site.store.mend();
            site.clock.set(Site.NOW);
            assertThat(site.store.uploads).as("what the dead run left").hasSize(1);
        }
        return site;
    }

    private List<Point> pointsOf(Verb verb, Site prototype) throws Exception {
        int requests;
        try (Site rehearsal = prototype.copy(1)) {
            verb.perform(rehearsal);
            requests = rehearsal.store.requests();
        }
        assertThat(requests).as("requests of " + verb).isGreaterThan(15);
        List<Point> points = new ArrayList<>();
        for (int request = 1; request <= requests; request++) {
            for (Cut cut : Cut.values()) {
                points.add(new Point(verb, request, cut));
            }
        }
        if (!FULL) {
            Collections.shuffle(points, new Random(seed));
            return points.subList(0, SAMPLES_PER_VERB);
        }
        return points;
    }

    private static void check(Point point, Site prototype, Set<BackupId> before) throws Exception {
        Verb verb = point.verb();
        try (Site site = prototype.copy(1);
                Site next = new Site(4711)) {
            site.store.cut(point.request(), point.cut());
            @Nullable Throwable end = catchThrowable(() -> verb.perform(site));
            if (point.cut() == Cut.REPLY_LOST) {
                assertThat(end).as("a lost reply makes no difference").isNull();
            }
            site.closeSinks();
            next.store.with(site.store);
            assertHolds(verb, next, before);
        }
    }

    private static void assertHolds(Verb verb, Site site, Set<BackupId> before) throws Exception {
        BackupId newest = before.stream().max(BackupId::compareTo).orElseThrow();
        Set<BackupId> listed = site.wholeBackups(verb.job(site));
        assertThat(listed).as("whole backups at once").anyMatch(id -> id.compareTo(newest) >= 0);
        if (verb == Verb.ADOPT || verb == Verb.COPY) {
            assertThat(listed).containsAll(before);
        }
        site.wholeBackups(site.jobOfCopies());
        site.assertForeignIsUntouched();

        site.clock.advance(Site.LOCK_TTL.plusMinutes(1));
        Job job = verb.job(site);
        RunReport next = site.engine().run(job, Mode.EXECUTE);
        assertThat(next.failures()).isEmpty();
        assertThat(next.outcome().isWhole()).isTrue();
        assertThat(next.id()).isNotNull();
        if (verb == Verb.ADOPT) {
            site.engine().adopt(job, Mode.EXECUTE);
        }
        for (int n = 0; n < 2; n++) {
            site.clock.advance(Site.GRACE.plusHours(1));
            for (PruneReport report : site.engine().prune(job, Mode.EXECUTE)) {
                assertThat(report.leftovers()).isEmpty();
                assertThat(report.skipped()).isEmpty();
            }
        }

        Set<BackupId> kept = new TreeSet<>(Set.of(next.id()));
        if (verb == Verb.ADOPT) {
            kept.addAll(before);
            assertThat(site.engine().list(job))
                    .filteredOn(backup -> backup.outcome() == Outcome.ADOPTED)
                    .singleElement()
                    .satisfies(adopted -> kept.add(adopted.id()));
        }
        assertThat(site.wholeBackups(job)).isEqualTo(kept);
        assertThat(site.wholeBackups(site.jobOfCopies())).hasSize(verb == Verb.COPY ? 1 : 0);
        site.assertNothingIsOrphaned();
    }
}
