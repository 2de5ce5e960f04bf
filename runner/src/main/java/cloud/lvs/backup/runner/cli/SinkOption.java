package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.spi.BackupException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which sink a command works on the backups of a job: in the job's own, or in one that holds copies of them. */
final class SinkOption {
    @Option(
            names = "--sink",
            paramLabel = "SINK",
            description = "The sink, where it is not the job's own: one of its copies', or any other that holds backups"
                    + " of it.")
    @Nullable
    String name;

    /** The job as it is kept there. */
    Job job(Work work, String job) throws BackupException {
        return name == null ? work.job(job) : work.jobs().named(job, name);
    }

    /** The job of {@code --job}, or all that keep backups there. */
    List<String> oneOrAllJobs(Work work) throws BackupException {
        List<String> jobs = work.oneOrAllJobs();
        if (name == null) {
            return jobs;
        }
        work.bench().sinks().requireKnown(name);
        if (jobs.size() == 1) {
            return jobs;
        }
        List<String> keptThere = jobs.stream()
                .filter(job -> work.jobs().sinks(job).contains(name))
                .toList();
        return keptThere.isEmpty() ? jobs : keptThere;
    }
}
