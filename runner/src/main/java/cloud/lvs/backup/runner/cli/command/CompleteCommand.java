package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Job;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.RootCommand;
import cloud.lvs.backup.runner.config.ConfigurationNames;
import cloud.lvs.backup.runner.shell.Completion;
import cloud.lvs.backup.runner.shell.Completion.Candidate;
import cloud.lvs.backup.runner.shell.TypedOptions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the scripts of {@code completion} ask: a candidate a line, then a tab and its description. Never fails: it would disturb. */
@Command(
        name = "complete",
        hidden = true,
        description = "Print what could follow on a command line; for the scripts of 'completion'.")
final class CompleteCommand implements Callable<Integer> {
    /** Nobody waits longer for a list of backups; without one the name can still be typed. */
    private static final int SECONDS_FOR_IDS = 3;

    private final CommandContext cli;

    @Parameters(paramLabel = "WORD", arity = "0..*", description = "The words so far; the last is being typed.")
    List<String> words = List.of();

    @Spec
    @Nullable
    CommandSpec spec;

    CompleteCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        var completion = new Completion(
                Objects.requireNonNull(spec).root(),
                Map.of(
                        "JOB", typed -> names(typed, "jobs"),
                        "SINK", typed -> names(typed, "sinks"),
                        "SHELL", typed -> List.of("bash", "zsh", "fish"),
                        "ID", this::ids));
        var lines = new StringBuilder();
        for (Candidate candidate : completion.of(words)) {
            lines.append(candidate.text());
            if (!candidate.description().isEmpty()) {
                lines.append('\t').append(candidate.description());
            }
            lines.append('\n');
        }
        cli.output().text(lines.toString());
        return ExitCode.OK.number();
    }

    private List<String> names(TypedOptions typed, String section) {
        take(typed);
        return ConfigurationNames.of(cli.configFile(), section);
    }

    /** The options on the line that is being typed count, not those of this command. */
    private void take(TypedOptions typed) {
        RootCommand options = cli.options();
        options.config = typed.value("--config").map(this::path).orElse(options.config);
        options.plugins = typed.value("--plugins").map(this::path).orElse(options.plugins);
        options.job = typed.value("--job").orElse(options.job);
    }

    private @Nullable Path path(String text) {
        String home = cli.host().environment().getOrDefault("HOME", "~");
        try {
            return Path.of(text.startsWith("~/") ? home + text.substring(1) : text);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private List<String> ids(TypedOptions typed) {
        take(typed);
        String sink = typed.value("--sink").orElse(null);
        var listed = new CompletableFuture<List<String>>();
        Thread thread = new Thread(
                () -> {
                    try {
                        listed.complete(listIds(sink));
                    } catch (Exception | LinkageError e) {
                        listed.completeExceptionally(e);
                    }
                },
                "completion");
        thread.setDaemon(true);
        thread.start();
        List<String> ids = new ArrayList<>(List.of("latest"));
        try {
            ids.addAll(listed.get(SECONDS_FOR_IDS, TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException e) {
            // Whoever goes on by hand is told what is wrong.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return ids;
    }

    private List<String> listIds(@Nullable String sink) throws Exception {
        List<String> ids = new ArrayList<>();
        cli.work(session -> {
            for (String name : session.oneOrAllJobs()) {
                Job job = sink == null ? session.job(name) : session.jobs().named(name, sink);
                session.engine().list(job).forEach(backup -> ids.add(backup.id().toString()));
            }
            return ExitCode.OK;
        });
        return ids;
    }
}
