package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.CopyTarget;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.JobSurvey;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.metrics.Gauges;
import cloud.lvs.backup.runner.metrics.Metric;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Usage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Measures buckets and jobs. What cannot be measured is told, has a metric that says so, and no value. */
final class MetricsCollector {
    private static final String STAGE = "metrics";
    private static final Map<String, String> NO_LABELS = Map.of();

    private final CommandContext cli;
    private final Session session;
    private final Gauges gauges = new Gauges();
    private final List<ExitCode> codes = new ArrayList<>();

    MetricsCollector(CommandContext cli, Session session) {
        this.cli = cli;
        this.session = session;
    }

    Gauges gauges() {
        return gauges;
    }

    /** @return how each thing that could not be measured ends the program */
    List<ExitCode> measure(Usage.Scope scope) throws BackupException, InterruptedException {
        Set<String> sinks = new LinkedHashSet<>();
        if (cli.options().job == null) {
            sinks.addAll(session.components().sinks().names());
        }
        for (String name : session.oneOrAllJobs()) {
            measureJob(name, sinks);
        }
        measureBuckets(sinks, scope);
        gauges.set(Metric.COLLECTED, NO_LABELS, cli.host().clock().instant());
        return codes;
    }

    /** @param sinks those of the job are added */
    private void measureJob(String name, Set<String> sinks) throws InterruptedException {
        Job job;
        try {
            job = session.job(name);
            Optional<Duration> rpo = session.jobs().rpo(name);
            rpo.ifPresent(age -> gauges.set(Metric.RPO, Map.of("job", name), age.toSeconds()));
        } catch (BackupException | RuntimeException | LinkageError e) {
            gauges.set(Metric.JOB_READABLE, Map.of("job", name), 0);
            codes.add(cli.tell(Failure.of(name, STAGE, e)));
            return;
        }
        measure(job, job.sink());
        sinks.add(job.sink().name());
        for (CopyTarget copy : job.copies()) {
            measure(job, copy.sink());
            sinks.add(copy.sink().name());
        }
    }

    private void measure(Job job, NamedSink sink) throws InterruptedException {
        Map<String, String> labels = Map.of("job", job.name(), "sink", sink.name());
        try {
            JobSurvey survey = session.engine().survey(job, sink);
            gauges.set(Metric.JOB_READABLE, labels, 1);
            set(survey, labels);
        } catch (IOException | RuntimeException | LinkageError e) {
            gauges.set(Metric.JOB_READABLE, labels, 0);
            codes.add(cli.tell(Failure.of(job.name(), STAGE, e)));
        }
    }

    private void set(JobSurvey survey, Map<String, String> labels) {
        gauges.set(Metric.BACKUPS, labels, survey.backups().all());
        gauges.set(Metric.PARTIAL, labels, survey.backups().partial());
        gauges.set(Metric.HELD, labels, survey.backups().held());
        survey.storedBytes().ifPresent(bytes -> gauges.set(Metric.STORED_BYTES, labels, bytes));
        gauges.set(Metric.OLDEST, labels, survey.oldest());
        gauges.set(Metric.NEWEST, labels, survey.newest());
        gauges.set(Metric.LAST_SUCCESS, labels, survey.newestWhole());
        survey.verified().forEach((level, time) -> {
            Map<String, String> withLevel = new TreeMap<>(labels);
            withLevel.put("level", level.name().toLowerCase(Locale.ROOT));
            gauges.set(Metric.LAST_VERIFIED, withLevel, time);
        });
        gauges.set(Metric.LAST_DRILLED, labels, survey.drilled());
    }

    /** Sinks may share buckets, and one key may read what another cannot. */
    private void measureBuckets(Set<String> sinks, Usage.Scope scope) throws InterruptedException {
        SortedMap<String, Usage> buckets = new TreeMap<>();
        boolean complete = true;
        for (String name : sinks) {
            try {
                List<Usage> usages =
                        session.components().sinks().named(name).sink().usage(scope);
                usages.forEach(usage -> buckets.merge(usage.bucket(), usage, MetricsCollector::known));
                gauges.set(Metric.SINK_READABLE, Map.of("sink", name), 1);
            } catch (IOException | RuntimeException | LinkageError e) {
                complete = false;
                gauges.set(Metric.SINK_READABLE, Map.of("sink", name), 0);
                tell("sink " + name, e);
            }
        }
        long objects = 0;
        long bytes = 0;
        for (Usage usage : buckets.values()) {
            Map<String, String> labels = Map.of("bucket", usage.bucket());
            if (usage instanceof Usage.Measured measured) {
                gauges.set(Metric.BUCKET_READABLE, labels, 1);
                gauges.set(Metric.BUCKET_SIZE, labels, measured.bytes());
                gauges.set(Metric.BUCKET_OBJECTS, labels, measured.objects());
                objects += measured.objects();
                bytes += measured.bytes();
            } else if (usage instanceof Usage.Unknown unknown) {
                complete = false;
                gauges.set(Metric.BUCKET_READABLE, labels, 0);
                tell("bucket " + usage.bucket(), unknown.cause());
            }
        }
        if (complete && !buckets.isEmpty()) {
            gauges.set(Metric.TOTAL_SIZE, NO_LABELS, bytes);
            gauges.set(Metric.TOTAL_OBJECTS, NO_LABELS, objects);
        }
    }

    private static Usage known(Usage one, Usage other) {
        return one instanceof Usage.Measured ? one : other;
    }

    private void tell(String subject, Throwable thrown) {
        Failure failure = Failure.of(subject, STAGE, thrown);
        cli.console()
                .error(subject + ": " + STAGE + ": "
                        + ReportText.withRemedy(failure.target() + ": " + failure.problem(), failure.remedy()));
        codes.add(ExitCode.of(failure.kind()));
    }
}
