package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.Redactions;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.Host;
import cloud.lvs.backup.runner.config.ConfigurationLoader;
import cloud.lvs.backup.runner.config.InvalidConfigurationException;
import cloud.lvs.backup.runner.config.LoadedConfiguration;
import cloud.lvs.backup.runner.output.Console;
import cloud.lvs.backup.runner.output.LogFields;
import cloud.lvs.backup.runner.output.Output;
import cloud.lvs.backup.runner.output.OutputFormat;
import cloud.lvs.backup.runner.output.Progress;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.wiring.Components;
import cloud.lvs.backup.runner.wiring.Scratch;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** What the commands share: options, output, how work begins and how failures are told. */
public final class CommandContext {
    private static final String OWN_STAGE = "start";
    private static final String HOW_TO_REPORT = "run again with --verbose and report it if it stays";

    private final Host host;
    private final RootCommand options;
    private final Redactions redactions;
    private final Console console;
    private final Output output;
    private volatile String signal = "";
    private volatile @Nullable Progress progress;

    public CommandContext(Host host, RootCommand options) {
        this.host = host;
        this.options = options;
        this.redactions = new Redactions();
        this.console = new Console(host.err(), redactions);
        this.output = new Output(host.out(), redactions);
    }

    /** Work with the configured parts. */
    @FunctionalInterface
    public interface Task {
        ExitCode on(Session session) throws Exception;
    }

    /** One step of it. */
    @FunctionalInterface
    public interface Step {
        ExitCode take() throws IOException, InterruptedException;
    }

    public Host host() {
        return host;
    }

    public RootCommand options() {
        return options;
    }

    public Console console() {
        return console;
    }

    public Output output() {
        return output;
    }

    public Redactions redactions() {
        return redactions;
    }

    public Mode mode() {
        return options.mode();
    }

    /** Prints what was asked for in the format that was asked for. */
    public void print(@Nullable Object tree, Supplier<String> text) throws IOException {
        output.print(options.output, tree, text);
    }

    /** As {@link #print}, for work that is done: that its result is lost is told, and makes it partial at most. */
    public ExitCode printResult(@Nullable Object tree, Supplier<String> text) {
        try {
            print(tree, text);
            return ExitCode.OK;
        } catch (IOException e) {
            tell(e);
            return ExitCode.PARTIAL;
        }
    }

    public boolean asTable() {
        return options.output == OutputFormat.TABLE;
    }

    /** Before a command begins. */
    public void start() {
        if (options.logFormat == RootCommand.LogFormat.JSON) {
            console.useJson();
        }
    }

    public Path configFile() {
        if (options.config != null) {
            return options.config;
        }
        String configured = host.environment().getOrDefault("LVS_BACKUP_CONFIG", "");
        return Path.of(configured.isEmpty() ? "lvs-backup.yaml" : configured);
    }

    public Providers providers() throws BackupException {
        return Providers.discover(pluginDirectory());
    }

    private @Nullable Path pluginDirectory() {
        if (options.plugins != null) {
            return options.plugins;
        }
        String configured = host.environment().getOrDefault("LVS_BACKUP_PLUGINS", "");
        if (!configured.isEmpty()) {
            return Path.of(configured);
        }
        Path home = host.home();
        return home != null && Files.isDirectory(home.resolve("plugins")) ? home.resolve("plugins") : null;
    }

    public ConfigurationLoader loader(Providers providers) {
        return new ConfigurationLoader(host.environment(), providers, redactions::add);
    }

    /** Reads the configuration, puts its parts together, works with them and closes them. */
    public Integer work(Task task) throws Exception {
        try (Providers providers = providers()) {
            ConfigurationLoader loader = loader(providers);
            LoadedConfiguration loaded = loader.load(configFile());
            console.showLogs(options.verbose ? Level.DEBUG : Level.WARN);
            Progress progress = new Progress(console, screen(), host.clock());
            this.progress = progress;
            try (Components components = Components.of(
                    loaded.configuration(),
                    Scratch.of(loaded.configuration().scratch(), host.environment(), console::say),
                    redactions,
                    host.clock(),
                    progress,
                    ProgramVersion.tool())) {
                return task.on(new Session(this, components, loader, progress)).number();
            } finally {
                progress.clear();
            }
        }
    }

    /** A line that is repainted is no line of a log. */
    private Progress.Screen screen() {
        return options.logFormat == RootCommand.LogFormat.JSON ? Progress.Screen.LOG : host.screen();
    }

    /** Takes a step of a job; a failure is told and becomes the exit code. */
    public ExitCode attempt(String job, String stage, Step step) throws Output.OutputException, InterruptedException {
        MDC.put("job", job);
        MDC.put("stage", stage);
        try {
            return step.take();
        } catch (Output.OutputException | InterruptedException e) {
            throw e;
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (IOException | RuntimeException | Error e) {
            return tell(Failure.of(job, stage, e));
        } finally {
            MDC.clear();
        }
    }

    /** One line, which names the signal if there was one. */
    String told(Failure failure) {
        return failure.stoppedBy(signal).reportedBy(HOW_TO_REPORT).toString();
    }

    /** From now on whatever stops is said to be stopped by this signal. */
    public void stoppedBy(String name) {
        signal = name;
    }

    /** What is being done, e.g. {@code job notes: capture}; empty before the first job. */
    public String activity() {
        Progress current = progress;
        return current == null ? "" : current.activity();
    }

    /** Tells a failure. */
    public ExitCode tell(Failure failure) {
        console.paint("");
        console.error(LogFields.of(failure.job(), failure.stage()), told(failure));
        if (options.verbose && failure.cause() != null) {
            console.trace(failure.cause());
        }
        return ExitCode.of(failure.kind());
    }

    /** Tells what ended a command. */
    public ExitCode tell(Throwable thrown) {
        console.paint("");
        ExitCode code;
        if (thrown instanceof InvalidConfigurationException invalid) {
            invalid.problems().forEach(problem -> console.error(problem.toString()));
            code = ExitCode.CONFIG;
        } else if (thrown instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
            return tell(unchecked.getCause());
        } else if (thrown instanceof BackupException e) {
            console.error(e.getMessage() + (e.remedy().isEmpty() ? "" : " (" + e.remedy() + ")"));
            code = ExitCode.of(e.kind());
        } else if (thrown instanceof Output.OutputException e) {
            console.error(
                    "standard output: " + e.getMessage() + " (what was to be printed is lost; check the pipe or disk)");
            code = ExitCode.FAILED;
        } else if (thrown instanceof InterruptedException) {
            console.error("stopped as asked" + (signal.isEmpty() ? "" : " by " + signal) + " (run it again)");
            code = ExitCode.CANCELLED;
        } else {
            Failure failure = Failure.of("-", OWN_STAGE, thrown);
            console.error("lvs-backup: " + failure.problem() + " (" + failure.remedy() + ")");
            code = ExitCode.of(Kind.FAILED);
        }
        if (options.verbose) {
            console.trace(thrown);
        }
        return code;
    }
}
