package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.core.BackupEngine;
import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.runner.config.ConfigurationLoader;
import cloud.lvs.backup.runner.output.Progress;
import cloud.lvs.backup.runner.wiring.Components;
import cloud.lvs.backup.runner.wiring.Jobs;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/** One command at work. */
public record Session(CommandContext cli, Components components, ConfigurationLoader loader, Progress progress) {
    public BackupEngine engine() {
        return components.engine();
    }

    public Jobs jobs() {
        return components.jobs();
    }

    public Job job(String name) throws BackupException {
        return jobs().named(name);
    }

    /** The job of {@code --job}, or all. */
    public List<String> oneOrAllJobs() throws BackupException {
        String given = cli.options().job;
        if (given == null) {
            return jobs().names();
        }
        requireKnown(given);
        return List.of(given);
    }

    /** The job of {@code --job}, the one whose name the id begins with, or the only one. */
    public String oneJob(String id) throws BackupException {
        String given = cli.options().job;
        if (given != null) {
            requireKnown(given);
            return given;
        }
        List<String> names = jobs().names();
        if (names.size() == 1) {
            return names.get(0);
        }
        return names.stream()
                .filter(name -> id.startsWith(name + "-"))
                .max(Comparator.comparingInt(String::length))
                .orElseThrow(() -> new BackupException(
                        Kind.CONFIG, "job", "there are several: " + String.join(", ", names), "say which with -j JOB"));
    }

    /** The backup an operator means, and what was told of newer ones. */
    public ChosenBackup choose(Job job, String id) throws IOException, InterruptedException {
        int before = progress.told().size();
        BackupId backup = engine().resolve(job, id);
        List<String> told = progress.told();
        return new ChosenBackup(backup, told.subList(before, told.size()));
    }

    /** Tells what a backup lacks; it is partial then, and so is what comes of it. */
    public ChosenBackup tellLacks(Job job, ChosenBackup backup, String stage) throws IOException, InterruptedException {
        List<String> lacks = engine().lacks(job, backup.id());
        for (String missing : lacks) {
            cli.console()
                    .warn("job " + job.name() + ": " + stage + ": backup " + backup.id() + " is partial, it lacks "
                            + missing);
        }
        return backup.lacking(lacks);
    }

    public void requireKnown(String name) throws BackupException {
        if (!jobs().names().contains(name)) {
            jobs().sourceProvider(name);
        }
    }
}
