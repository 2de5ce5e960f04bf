package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestClock;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.catalog.BackupDirectory.CatalogEntry;
import cloud.lvs.backup.core.catalog.Catalog;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.pipeline.Compression;
import cloud.lvs.backup.core.pipeline.Pipeline;
import cloud.lvs.backup.core.protocol.BlindSink.Blindness;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Sink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The sinks of a job with what lies in them, what its source made elsewhere, and the time. A prototype is set up once and
 * copied for each replay; copies share the clock, so that only one is played at a time.
 */
final class World {
    static final String JOB = "demo";
    static final String MAIN = "main";
    static final String COPIES = "copies";
    static final Duration GRACE = Duration.ofHours(10);
    static final Duration LOCK_TTL = Duration.ofMinutes(10);
    static final Instant NOW = TestTime.now();
    static final String LEGACY = "2026/10/legacy-20261001T020000Z.db";

    private static final List<String> FOREIGN_KEYS = List.of(
            "../x",
            "a//b",
            "foreign/precious.txt",
            ".lvs-backup/README",
            ".lvs-backup/demo/notes.txt",
            ".lvs-backup/demo/20261101T000000Z-abandoned/hand-written.txt",
            ".lvs-backup/demo/20261101T000000Z-abandoned/intent-x.json",
            ".lvs-backup/demo/latest/begun.json",
            ".lvs-backup/other/20261101T000000Z-someone1/begun.json",
            LEGACY);
    private static final byte[] FOREIGN = "not ours".getBytes(StandardCharsets.UTF_8);

    private final TestClock clock;
    private final Map<String, Depot> depots;
    private final Externals externals;
    private final List<BackupId> backups;
    private final List<String> breaches = new ArrayList<>();
    private final Set<String> holders = new TreeSet<>();
    private final Set<BackupId> ruined = new TreeSet<>();
    private final Map<String, byte[]> beforeRuin = new TreeMap<>();
    private Set<Blindness> blindness = Set.of();
    private final Set<TinySource.Trait> source;
    private int keep;

    private World(
            TestClock clock,
            Map<String, Depot> depots,
            Externals externals,
            List<BackupId> backups,
            Set<TinySource.Trait> source,
            int keep) {
        this.clock = clock;
        this.depots = depots;
        this.externals = externals;
        this.backups = backups;
        this.source = source;
        this.keep = keep;
    }

    /** Sinks that hold foreign objects, some among the journal's, and a legacy backup. */
    static World of(Set<String> depots, Set<TinySource.Trait> source, InMemorySink.Trait... traits) {
        TestClock clock = new TestClock(NOW.minus(Duration.ofDays(30)));
        Map<String, Depot> opened = new LinkedHashMap<>();
        for (String name : depots) {
            InMemorySink sink = new InMemorySink(clock, traits);
            FOREIGN_KEYS.forEach(key -> sink.putForeign(key, FOREIGN));
            opened.put(name, new Depot(name, sink));
        }
        return new World(clock, opened, new Externals(), new ArrayList<>(), source, Integer.MAX_VALUE);
    }

    World copy() {
        clock.set(NOW);
        Map<String, Depot> copied = new LinkedHashMap<>();
        depots.forEach((name, depot) -> copied.put(name, depot.copy()));
        World copy = new World(clock, copied, externals.copy(), backups, source, keep);
        copy.ruined.addAll(ruined);
        copy.beforeRuin.putAll(beforeRuin);
        copy.blindness = blindness;
        return copy;
    }

    /** Ruined backups are seen as they were. */
    World seenBy(Set<Blindness> blind) {
        blindness = blind;
        return this;
    }

    /** A backup made some days ago that does not count. */
    World withRuined(int daysAgo, Ruin ruin) {
        int made = ruin == Ruin.DATED_AHEAD ? daysAgo - 365 : daysAgo;
        withBackup(made);
        BackupId id = backups.remove(0);
        clock.set(NOW.minus(Duration.ofDays(daysAgo)));
        ruin(id, ruin);
        return this;
    }

    /** From now on this backup does not count. */
    void ruin(BackupId id, Ruin ruin) {
        Depot main = depot(MAIN);
        for (String key : Ruin.keysOf(id, main.sink())) {
            main.sink().bytes(key).ifPresent(content -> beforeRuin.put(key, content));
        }
        ruin.to(id, main.sink());
        for (String key : beforeRuin.keySet()) {
            main.sink()
                    .bytes(key)
                    .ifPresentOrElse(
                            content -> main.wasPut(key, Arrays.hashCode(content), clock.instant()),
                            () -> main.wasDeleted(key));
        }
        ruined.add(id);
    }

    /** The backups that do not count. */
    Set<BackupId> ruined() {
        return ruined;
    }

    /** How many of the newest backups the retention of the job keeps; without this, all. */
    World keeping(int count) {
        keep = count;
        return this;
    }

    /** A backup made some days ago. */
    World withBackup(int daysAgo) {
        clock.set(NOW.minus(Duration.ofDays(daysAgo)));
        RunReport report = engine(100 + daysAgo).run(job(MAIN, Gate.OPEN, KeepNewest.ALL, List.of()), Mode.EXECUTE);
        if (!report.outcome().isWhole()) {
            throw new IllegalStateException(report.toString());
        }
        backups.add(0, report.id());
        return this;
    }

    /** What a run left that died some days ago, right before the n-th of its writes, from 1. */
    World withDeadRun(int daysAgo, int write) {
        clock.set(NOW.minus(Duration.ofDays(daysAgo)));
        NthWrite dying = new NthWrite(write, Operation.Verdict.CRASHES_BEFORE);
        try {
            engine(200 + daysAgo).run(job(dying), Mode.EXECUTE);
        } catch (Gate.Crash expected) {
            return this;
        }
        throw new IllegalStateException("the run survived");
    }

    BackupEngine engine(int seed) {
        return engine(clock, new Random(seed));
    }

    static BackupEngine engine(Clock clock, Random random) {
        return new BackupEngine(clock, random, Map.of("lvs-backup", "test"), event -> {});
    }

    /** The job as a process behind a gate sees it. */
    Job job(Gate gate) {
        return job(
                MAIN,
                gate,
                new KeepNewest(keep),
                depots.containsKey(COPIES) ? List.of(new CopyTarget(sink(COPIES, gate), KeepNewest.ALL)) : List.of());
    }

    private Job job(String depot, Gate gate, KeepNewest retention, List<CopyTarget> copies) {
        return Job.named(
                        JOB,
                        "tiny",
                        () -> new TinySource(source, externals, gate, this::isDiscarding),
                        sink(depot, gate))
                .pipeline(new Pipeline(Compression.NONE))
                .grace(GRACE)
                .staleAfter(Duration.ofDays(3650))
                .lockTtl(LOCK_TTL)
                .confirm(new ByteSize(0))
                .retention(retention)
                .copies(copies)
                .build();
    }

    /** The job with a depot for its only sink. */
    Job jobAt(String depot) {
        return job(depot, Gate.OPEN, KeepNewest.ALL, List.of());
    }

    /** The same, keeping only the newest few. */
    Job jobAt(String depot, int newest) {
        return job(depot, Gate.OPEN, new KeepNewest(newest), List.of());
    }

    NamedSink sink(String depot, Gate gate) {
        Sink gated = new GatedSink(depot(depot), gate, clock);
        return new NamedSink(depot, blindness.isEmpty() ? gated : new BlindSink(gated, blindness, beforeRuin));
    }

    Depot depot(String name) {
        Depot depot = depots.get(name);
        if (depot == null) {
            throw new IllegalArgumentException("no depot " + name);
        }
        return depot;
    }

    Map<String, Depot> depots() {
        return depots;
    }

    /** Whether retention has decided against a backup. */
    boolean isDeleting(String run) {
        return depots.values().stream()
                .flatMap(depot -> depot.sink().keys().stream())
                .anyMatch(key -> key.endsWith("-" + run + "/deleting.json"));
    }

    TestClock clock() {
        return clock;
    }

    Externals externals() {
        return externals;
    }

    /** The backups the prototype was given, newest first. */
    List<BackupId> backups() {
        return backups;
    }

    int keep() {
        return keep;
    }

    /** What lies in a depot that is not ours, with its content; the legacy backup too. */
    Map<String, byte[]> foreign() {
        Map<String, byte[]> foreign = new TreeMap<>();
        for (String key : FOREIGN_KEYS) {
            foreign.put(key, FOREIGN);
        }
        return foreign;
    }

    /** The processes that believe to hold the lock. */
    Set<String> holders() {
        return holders;
    }

    /** What went wrong while it went on. */
    List<String> breaches() {
        return breaches;
    }

    long hash() {
        long hash = Depot.mix(
                Depot.mix(externals.hash(), holders.hashCode()), clock.instant().getEpochSecond());
        for (Depot depot : depots.values()) {
            hash = Depot.mix(hash, depot.hash());
        }
        return hash;
    }

    private void isDiscarding(BackupReader backup) throws IOException, InterruptedException {
        Manifest discarded = backup.manifest();
        for (String name : depots.keySet()) {
            for (Map.Entry<BackupId, Manifest> live : manifests(name).entrySet()) {
                if (live.getValue().external().stream().anyMatch(discarded.external()::contains)) {
                    breaches.add("discarded what " + live.getKey() + " in " + name + " still refers to");
                }
            }
        }
    }

    /** The live backups of a depot with their manifests, read past every gate. */
    Map<BackupId, Manifest> manifests(String depot) throws IOException, InterruptedException {
        Sink raw = depot(depot).sink();
        Journal journal = new Journal(raw);
        Map<BackupId, Manifest> manifests = new TreeMap<>();
        for (CatalogEntry entry : Catalog.of(journal, JOB).entries()) {
            BackupId id = entry.summary().id();
            try {
                manifests.put(id, journal.read(entry.manifestKey(), Manifest.class));
            } catch (BackupException e) {
                if (!ruined.contains(id)) {
                    throw e;
                }
            }
        }
        return manifests;
    }
}
