package cloud.lvs.backup.core.commit;

import cloud.lvs.backup.core.context.EngineContext;
import cloud.lvs.backup.core.event.Stage;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.prune.Pruner;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.Flaw;
import cloud.lvs.backup.core.report.Flaw.Nature;
import cloud.lvs.backup.core.report.PruneReport;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.RetentionPolicy;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The last stage of a run: applies retention, and tells what came of it. */
public final class RunRetention {
    private static final String STAGE = Stage.RETAIN.toString();
    private static final int MOST_TOLD = 10;

    private final EngineContext engine;
    private final Job job;
    private final List<Failure> failures;
    private final List<String> warnings;

    /** Failures and warnings are added to those of the run. */
    RunRetention(EngineContext engine, Job job, List<Failure> failures, List<String> warnings) {
        this.engine = engine;
        this.job = job;
        this.failures = failures;
        this.warnings = warnings;
    }

    /** Retention waits. */
    void skip(String reason) {
        fail(job.sink(), "retention was not applied: " + reason, "the backup itself is whole");
    }

    /**
     * Applies retention in a sink; empty if it failed.
     *
     * @param suspects are looked at in any case
     */
    Optional<PruneReport> apply(NamedSink sink, RetentionPolicy policy, Set<BackupId> suspects)
            throws InterruptedException {
        PruneReport report;
        try {
            report = new Pruner(engine, job, sink, policy).prune(Mode.EXECUTE, suspects);
        } catch (IOException | RuntimeException e) {
            failures.add(Failure.of(job.name(), STAGE, e));
            return Optional.empty();
        }
        if (!report.skipped().isEmpty()) {
            fail(sink, "retention was not applied: " + report.skipped(), "the backup itself is whole");
        }
        report.flaws().stream()
                .filter(Flaw::isLost)
                .forEach(flaw -> fail(
                        sink,
                        flaw.toString(),
                        "find out what deletes or changes objects there, e.g. a lifecycle rule; what is left of it goes once"
                                + " a newer backup counts"));
        report.flaws().stream()
                .filter(flaw -> flaw.nature() == Nature.DATED_AHEAD || flaw.nature() == Nature.UNREADABLE)
                .map(flaw -> "sink " + sink.name() + ": " + flaw)
                .filter(told -> !warnings.contains(told))
                .limit(MOST_TOLD)
                .forEach(warnings::add);
        report.unreadable()
                .forEach((what, reason) -> warnings.add("sink " + sink.name() + ": " + what
                        + " is not kept by retention and stays, as what belongs to it cannot be read now: " + reason));
        report.locked()
                .forEach((key, reason) -> warnings.add("sink " + sink.name() + ": " + key + " " + reason
                        + "; the first run or prune after that deletes it"));
        // Once for each reason: who may not delete need not be told of every object.
        report.leftoversInWords()
                .forEach(left -> fail(
                        sink,
                        "could not delete " + left,
                        "the next prune tries again; where the store refuses, use another key for retention"));
        return Optional.of(report);
    }

    private void fail(NamedSink sink, String problem, String remedy) {
        failures.add(new Failure(Kind.FAILED, job.name(), STAGE, "sink " + sink.name(), problem, remedy));
    }
}
