package cloud.lvs.backup.core.protocol;

import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.catalog.BackupDirectory;
import cloud.lvs.backup.core.catalog.Journal;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.core.report.VerifyReport;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.BackupSummary;
import cloud.lvs.backup.spi.ExternalReference;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.ObjectKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What must hold after a replay, whatever happened in it, as a process sees it that begins afterwards: rule 10 of the
 * protocol, by whose words the others are measured. The world is used up by the check.
 *
 * <ul>
 *   <li>What was a backup before, or was claimed to be one, is listed and whole, unless retention may drop it; held ones
 *       always. A dead prune may hide one for a grace period.
 *   <li>What is listed is whole.
 *   <li>The next run succeeds unaided.
 *   <li>After two grace periods and a prune each nothing of ours is left but live backups; foreign and legacy objects are
 *       as they were.
 * </ul>
 */
final class TenRules {
    private static final int SEED = 4711;

    private final World world;
    private final List<Actor> actors;
    private final boolean mayHide;
    private final BackupEngine engine;
    /** Until then they counted, and others may have gone for them. */
    private final Set<BackupId> ruinedMeanwhile;

    private final List<String> violations = new ArrayList<>();

    TenRules(Replay replay) {
        this.world = replay.world();
        this.actors = replay.actors();
        this.mayHide = replay.hadMishap() || actors.stream().anyMatch(Actor::isRefusedDeletes);
        this.engine = world.engine(SEED);
        this.ruinedMeanwhile = world.backups().stream()
                .filter(id -> world.ruined().contains(id))
                .collect(Collectors.toSet());
    }

    List<String> violations() {
        try {
            check();
        } catch (IOException | RuntimeException e) {
            violations.add("the check itself met " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            violations.add("interrupted");
        }
        return violations;
    }

    private void check() throws IOException, InterruptedException {
        violations.addAll(world.breaches());
        for (Actor actor : actors) {
            Set<String> whole = claims(Claim.About.WHOLE)
                    .map(claim -> claim.backup().run().value())
                    .collect(Collectors.toSet());
            for (String run : actor.deletedAfterCommit()) {
                if (!whole.contains(run)) {
                    violations.add(actor.name() + " deleted something of " + run + " after it had sent the commit");
                }
            }
        }
        Set<BackupId> candidates = new TreeSet<>(committedIn(World.MAIN));
        candidates.addAll(world.backups());
        claims(Claim.About.WHOLE)
                .filter(claim -> claim.depot().equals(World.MAIN))
                .forEach(claim -> candidates.add(claim.backup()));
        checkListed("at once", candidates);
        world.clock().advance(World.LOCK_TTL.plusMinutes(1));
        RunReport next = engine.run(world.job(Gate.OPEN), Mode.EXECUTE);
        BackupId id = next.id();
        if (!next.outcome().isWhole() || id == null) {
            violations.add("the next run was " + next.outcome() + " " + next.failures());
        } else {
            candidates.add(id);
            next.failures().stream()
                    .filter(failure -> !tellsOfARuinedOne(failure))
                    .forEach(failure -> violations.add("the next run met " + failure));
            checkListed("after the next run", candidates);
            if (!live(World.MAIN).contains(id)) {
                violations.add("the next run is not listed");
            }
        }
        for (int i = 1; i <= 2; i++) {
            world.clock().advance(World.GRACE.plusHours(1));
            for (PruneReport report : engine.prune(world.job(Gate.OPEN), Mode.EXECUTE)) {
                if (!report.leftovers().isEmpty() || !report.skipped().isEmpty()) {
                    violations.add(
                            "prune " + i + " after a grace period left " + report.leftovers() + report.skipped());
                }
            }
        }
        live(World.MAIN).stream()
                .filter(lost ->
                        world.ruined().contains(lost) && !lost.timestamp().isAfter(World.NOW))
                .forEach(lost -> violations.add(lost + " does not count and is still there after two grace periods"));
        for (BackupId missing : required(candidates)) {
            if (!live(World.MAIN).contains(missing)) {
                violations.add(missing + " is not listed after two grace periods");
            }
        }
        for (BackupId copy : claimedCopies()) {
            if (!live(World.COPIES).contains(copy)) {
                violations.add("copy " + copy + " is not listed after two grace periods");
            }
        }
        for (String depot : world.depots().keySet()) {
            checkWhole(depot, "after two grace periods");
            checkNothingIsOrphaned(depot);
        }
        checkExternals();
    }

    private java.util.stream.Stream<Claim> claims(Claim.About about) {
        return actors.stream()
                .flatMap(actor -> actor.ending().claims().stream())
                .filter(claim -> claim.about() == about);
    }

    /** The ids with a commit in the journal, live or not. */
    private Set<BackupId> committedIn(String depot) throws IOException, InterruptedException {
        Set<BackupId> ids = new TreeSet<>();
        new Journal(world.depot(depot).sink()).scan(World.JOB, directory -> {
            if (directory.isCommitted()) {
                ids.add(directory.id());
            }
        });
        return ids;
    }

    /** Those of the candidates that nobody may have dropped. */
    private Set<BackupId> required(Collection<BackupId> candidates) {
        Set<BackupId> promised = new HashSet<>(world.backups());
        claims(Claim.About.WHOLE)
                .filter(claim -> claim.depot().equals(World.MAIN))
                .forEach(claim -> promised.add(claim.backup()));
        Set<BackupId> required = candidates.stream()
                .filter(id -> !world.ruined().contains(id) || ruinedMeanwhile.contains(id))
                .sorted(Comparator.reverseOrder())
                .limit(world.keep())
                .filter(id -> promised.contains(id) && !world.ruined().contains(id))
                .collect(Collectors.toCollection(TreeSet::new));
        claims(Claim.About.HELD).forEach(claim -> required.add(claim.backup()));
        return required;
    }

    private Set<BackupId> live(String depot) throws IOException, InterruptedException {
        return engine.list(world.jobAt(depot)).stream().map(BackupSummary::id).collect(Collectors.toSet());
    }

    private void checkListed(String when, Collection<BackupId> candidates) throws IOException, InterruptedException {
        Set<BackupId> live = live(World.MAIN);
        for (BackupId id : required(candidates)) {
            if (!live.contains(id) && !(mayHide && isHidden(World.MAIN, id))) {
                violations.add(id + " is not listed " + when);
            }
        }
        for (BackupId id : claimedCopies()) {
            if (!live(World.COPIES).contains(id) && !(mayHide && isHidden(World.COPIES, id))) {
                violations.add("copy " + id + " is not listed " + when);
            }
        }
        for (String depot : world.depots().keySet()) {
            checkWhole(depot, when);
        }
        checkLatest(when);
    }

    /** It is one that counts, if there is one. */
    private void checkLatest(String when) throws IOException, InterruptedException {
        boolean oneCounts =
                live(World.MAIN).stream().anyMatch(id -> !world.ruined().contains(id));
        if (oneCounts && !world.ruined().isEmpty()) {
            BackupId latest = engine.resolve(world.jobAt(World.MAIN), "latest");
            if (world.ruined().contains(latest)) {
                violations.add("latest is " + latest + " " + when + ", which does not count");
            }
        }
    }

    private boolean tellsOfARuinedOne(Failure failure) {
        return world.ruined().stream().anyMatch(id -> failure.problem().contains("backup " + id + " does not count"));
    }

    private Set<BackupId> claimedCopies() {
        return claims(Claim.About.WHOLE)
                .filter(claim -> claim.depot().equals(World.COPIES))
                .map(Claim::backup)
                .collect(Collectors.toSet());
    }

    private boolean isHidden(String depot, BackupId id) throws IOException, InterruptedException {
        BackupDirectory directory = new Journal(world.depot(depot).sink()).directory(id);
        return directory.hasBegun()
                && directory.isCommitted()
                && !directory.isDeleting()
                && !directory.marks().isEmpty();
    }

    private void checkWhole(String depot, String when) throws IOException, InterruptedException {
        for (BackupId id : live(depot)) {
            if (world.ruined().contains(id)) {
                continue;
            }
            VerifyReport report = engine.verify(world.jobAt(depot), id, Level.CHECKSUM);
            if (!report.verification().passed()) {
                violations.add(id + " is listed in " + depot + " " + when + " but not whole: "
                        + report.verification().checks());
            }
        }
    }

    private void checkNothingIsOrphaned(String depot) throws IOException, InterruptedException {
        Set<String> accounted = new HashSet<>();
        Map<String, byte[]> foreignHere = world.foreign();
        accounted.addAll(foreignHere.keySet());
        Journal journal = new Journal(world.depot(depot).sink());
        List<BackupDirectory> waiting = new ArrayList<>();
        journal.scan(World.JOB, directory -> {
            if (directory.isLive()) {
                directory.objects().forEach(object -> accounted.add(object.key()));
            } else if (directory.isDeleting()) {
                waiting.add(directory);
            }
        });
        for (BackupDirectory directory : waiting) {
            if (isNeededByACopy(directory.id())) {
                directory.objects().forEach(object -> accounted.add(object.key()));
                for (ObjectKey key : directory.intents()) {
                    ObjectKey named =
                            journal.read(key, JournalDocuments.Intended.class).key();
                    if (named != null) {
                        accounted.add(named.value());
                    }
                }
            }
        }
        for (Manifest manifest : world.manifests(depot).values()) {
            manifest.artifacts()
                    .forEach(artifact -> accounted.add(artifact.key().value()));
        }
        for (String key : world.depot(depot).sink().keys()) {
            if (!accounted.contains(key) && !key.startsWith(Journal.ROOT + World.JOB + "/lock/")) {
                violations.add("orphan in " + depot + ": " + key);
            }
        }
        world.depot(depot).sink().unfinished().stream()
                .filter(key -> !key.startsWith(Journal.ROOT))
                .forEach(key -> violations.add("unfinished write in " + depot + ": " + key));
        foreignHere.forEach((key, content) -> {
            Optional<byte[]> now = world.depot(depot).sink().bytes(key);
            if (now.isEmpty() || !Arrays.equals(now.get(), content)) {
                violations.add(
                        "foreign object " + key + " in " + depot + (now.isEmpty() ? " is gone" : " was changed"));
            }
        });
    }

    private boolean isNeededByACopy(BackupId origin) throws IOException, InterruptedException {
        return world.depots().containsKey(World.COPIES)
                && world.manifests(World.COPIES).values().stream()
                        .map(Manifest::origin)
                        .anyMatch(from -> from != null && from.id().equals(origin));
    }

    private void checkExternals() throws IOException, InterruptedException {
        Set<String> referred = new TreeSet<>();
        for (String depot : world.depots().keySet()) {
            for (Manifest manifest : world.manifests(depot).values()) {
                manifest.external().stream().map(ExternalReference::reference).forEach(referred::add);
            }
        }
        Set<String> things = world.externals().things();
        for (String thing : referred) {
            if (!things.contains(thing)) {
                violations.add(thing + " was freed although a live backup refers to it");
            }
        }
        for (String thing : things) {
            if (!referred.contains(thing)) {
                violations.add(thing + " is orphaned outside the sinks");
            }
        }
    }
}
