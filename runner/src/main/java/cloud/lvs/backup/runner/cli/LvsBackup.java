package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.command.Commands;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.ProgramVersion;
import cloud.lvs.backup.runner.cli.session.RootCommand;
import cloud.lvs.backup.runner.config.yaml.Suggestions;
import cloud.lvs.backup.runner.output.Progress.Screen;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program, to be run inside another one. Interrupt the calling thread to stop it; it cleans up first. */
public final class LvsBackup {
    private static final Set<String> LATER = Set.of("status", "coverage", "diff", "report", "runbook", "kubernetes");
    /** What needs the model of every command. */
    private static final Set<String> WHOLE = Set.of("help", "completion", "complete", "man", "--help", "-h");
    /** Not for people. */
    private static final Set<String> UNSEEN = Set.of("complete", "man");
    /** What other tools call it. */
    private static final Map<String, String> OTHER_NAMES = Map.ofEntries(
            Map.entry("backup", "run"),
            Map.entry("create", "run"),
            Map.entry("snapshots", "list"),
            Map.entry("ls", "list"),
            Map.entry("info", "show"),
            Map.entry("check", "verify"),
            Map.entry("extract", "restore"),
            Map.entry("recover", "restore"),
            Map.entry("forget", "prune"),
            Map.entry("delete", "prune"),
            Map.entry("rm", "prune"),
            Map.entry("pin", "hold"),
            Map.entry("test", "doctor"),
            Map.entry("break-lock", "unlock"),
            Map.entry("validate", "config validate"),
            Map.entry("schema", "config schema"),
            Map.entry("plugins", "providers"));

    private final Host host;
    private volatile @Nullable CommandContext current;

    public LvsBackup(Host host) {
        this.host = host;
    }

    /** Executes a command line; the result is one of the numbers of {@link ExitCode}. */
    public int execute(String... arguments) {
        var options = new RootCommand();
        var cli = new CommandContext(host, options);
        current = cli;
        var help = new StringWriter();
        try {
            CommandLine line = commandLine(options, cli, List.of(arguments))
                    .setOut(new PrintWriter(help))
                    .setErr(new PrintWriter(help));
            int code = line.execute(arguments);
            if (!help.toString().isEmpty()) {
                cli.output().text(help.toString());
            }
            return code;
        } catch (OutOfMemoryError e) {
            throw e;
        } catch (IOException | Error e) {
            return cli.tell(e).number();
        }
    }

    /** Says which signal asks for the interrupt that follows, so that failures can name it. From any thread. */
    public void stoppedBy(String signal) {
        CommandContext cli = current;
        if (cli != null) {
            cli.stoppedBy(signal);
        }
    }

    /** What is being done, e.g. {@code job notes: capture}; empty before the first job. From any thread. */
    public String activity() {
        CommandContext cli = current;
        return cli == null ? "" : cli.activity();
    }

    private static CommandLine commandLine(RootCommand options, CommandContext cli, List<String> arguments) {
        CommandLine line = new CommandLine(options);
        Map<String, Function<CommandContext, Object>> all = Commands.all();
        // Reading the annotations of every command takes longer than most commands do.
        boolean named = arguments.stream().anyMatch(all::containsKey)
                && arguments.stream().noneMatch(WHOLE::contains);
        all.forEach((name, command) -> {
            if (!named || arguments.contains(name)) {
                line.addSubcommand(name, command.apply(cli));
            }
        });
        InheritedOptions.limit(line);
        line.getCommandSpec().version("lvs-backup " + ProgramVersion.current());
        line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false)
                .setUsageHelpAutoWidth(cli.host().screen() == Screen.TERMINAL)
                .setExecutionStrategy(parsed -> {
                    InheritedOptions.check(parsed);
                    cli.start();
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler(
                        (thrown, command, parsed) -> cli.tell(thrown).number())
                .setParameterExceptionHandler((e, unparsed) -> usage(cli, e));
        return line;
    }

    private static int usage(CommandContext cli, ParameterException e) {
        CommandLine command = e.getCommandLine();
        cli.start();
        String problem = String.valueOf(e.getMessage());
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            problem = unmatched(command, unmatched.getUnmatched().get(0));
        }
        cli.console()
                .error(command.getCommandSpec().qualifiedName() + ": " + problem + " (see "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        return ExitCode.CONFIG.number();
    }

    private static String unmatched(CommandLine command, String given) {
        boolean option = given.startsWith("-");
        if (!option && LATER.contains(given)) {
            return "this version does not have '" + given + "' yet";
        }
        if (!option && !takesCommands(command)) {
            return "takes no '" + given + "'"
                    + (command.getCommandSpec().findOption("--job") == null ? "" : "; a job is named with -j " + given);
        }
        boolean whole = command.getParent() == null;
        String other = whole && !option ? OTHER_NAMES.get(given) : null;
        return "there is no " + (option ? "option" : "command") + " '" + given + "'; "
                + (other != null
                        ? "did you mean '" + other + "'?"
                        : Suggestions.suggestion(given, option ? options(command) : names(command)));
    }

    private static boolean takesCommands(CommandLine command) {
        return command.getParent() == null || !command.getSubcommands().isEmpty();
    }

    private static List<String> options(CommandLine command) {
        return command.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .flatMap(option -> Arrays.stream(option.names()))
                .toList();
    }

    /** Of the program all, though only those that were named have been made. */
    private static List<String> names(CommandLine command) {
        return command.getParent() == null
                ? Commands.all().keySet().stream()
                        .filter(name -> !UNSEEN.contains(name))
                        .toList()
                : List.copyOf(command.getSubcommands().keySet());
    }
}
