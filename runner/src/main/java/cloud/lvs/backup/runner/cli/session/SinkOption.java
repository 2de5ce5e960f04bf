package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.spi.BackupException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which sink a command works on the backups of a job: in the job's own, or in one that holds copies of them. */
public final class SinkOption {
    @Option(
            names = "--sink",
            paramLabel = "SINK",
            description = "The sink, where it is not the job's own: one of its copies', or any other that holds backups"
                    + " of it.")
    @Nullable
    public String name;

    /** The job as it is kept there. */
    public Job job(Session session, String job) throws BackupException {
        return name == null ? session.job(job) : session.jobs().named(job, name);
    }

    /** The job of {@code --job}, or all that keep backups there. */
    public List<String> oneOrAllJobs(Session session) throws BackupException {
        List<String> jobs = session.oneOrAllJobs();
        if (name == null) {
            return jobs;
        }
        session.components().sinks().requireKnown(name);
        if (jobs.size() == 1) {
            return jobs;
        }
        List<String> keptThere = jobs.stream()
                .filter(job -> session.jobs().sinks(job).contains(name))
                .toList();
        return keptThere.isEmpty() ? jobs : keptThere;
    }
}
