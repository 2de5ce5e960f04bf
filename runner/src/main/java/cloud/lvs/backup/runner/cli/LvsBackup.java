package cloud.lvs.backup.runner.cli;

import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.config.Nearest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program, to be run inside another one. Interrupt the calling thread to stop it; it cleans up first. */
public final class LvsBackup {
    private static final Set<String> LATER = Set.of("status", "coverage", "diff", "report", "runbook", "kubernetes");

    private final Host host;

    public LvsBackup(Host host) {
        this.host = host;
    }

    /** Executes a command line; the result is one of the numbers of {@link ExitCode}. */
    public int execute(String... arguments) {
        var options = new RootCommand();
        var cli = new Cli(host, options);
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
        } catch (IOException e) {
            return cli.tell(e).number();
        }
    }

    private static CommandLine commandLine(RootCommand options, Cli cli, List<String> arguments) {
        CommandLine line = new CommandLine(options);
        Map<String, Function<Cli, Object>> all = commands();
        // Reading the annotations of every command takes longer than most commands do.
        boolean named = arguments.stream().anyMatch(all::containsKey)
                && !arguments.contains("completion")
                && !arguments.contains("--help")
                && !arguments.contains("-h");
        all.forEach((name, command) -> {
            if (!named || arguments.contains(name)) {
                line.addSubcommand(name, command.apply(cli));
            }
        });
        line.getCommandSpec().version("lvs-backup " + Version.current());
        line.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(false)
                .setExecutionStrategy(parsed -> {
                    cli.start();
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler(
                        (thrown, command, parsed) -> cli.tell(thrown).number())
                .setParameterExceptionHandler((e, unparsed) -> usage(cli, e));
        return line;
    }

    private static Map<String, Function<Cli, Object>> commands() {
        Map<String, Function<Cli, Object>> commands = new LinkedHashMap<>();
        commands.put("run", RunCommand::new);
        commands.put("list", ListCommand::new);
        commands.put("show", ShowCommand::new);
        commands.put("verify", VerifyCommand::new);
        commands.put("restore", RestoreCommand::new);
        commands.put("drill", DrillCommand::new);
        commands.put("prune", PruneCommand::new);
        commands.put("adopt", AdoptCommand::new);
        commands.put("copy", CopyCommand::new);
        commands.put("hold", HoldCommand::new);
        commands.put("doctor", DoctorCommand::new);
        commands.put("metrics", MetricsCommand::new);
        commands.put("config", LvsBackup::config);
        commands.put("providers", ProvidersCommand::new);
        commands.put("version", VersionCommand::new);
        commands.put("completion", CompletionCommand::new);
        return commands;
    }

    private static CommandLine config(Cli cli) {
        return new CommandLine(new ConfigCommand())
                .addSubcommand("validate", new ConfigCommand.Validate(cli))
                .addSubcommand("show", new ConfigCommand.Show(cli))
                .addSubcommand("schema", new ConfigCommand.Schema(cli));
    }

    private static int usage(Cli cli, ParameterException e) {
        CommandLine command = e.getCommandLine();
        String problem = String.valueOf(e.getMessage());
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String first = unmatched.getUnmatched().get(0);
            problem = LATER.contains(first)
                    ? "this version does not have '" + first + "' yet"
                    : "there is no " + (first.startsWith("-") ? "option" : "command") + " '" + first + "'; "
                            + Nearest.suggestion(first, known(command, first));
        }
        cli.console()
                .error(command.getCommandSpec().qualifiedName() + ": " + problem + " (see "
                        + command.getCommandSpec().qualifiedName() + " --help)");
        return ExitCode.CONFIG.number();
    }

    private static List<String> known(CommandLine command, String given) {
        return given.startsWith("-")
                ? command.getCommandSpec().options().stream()
                        .flatMap(option -> Arrays.stream(option.names()))
                        .toList()
                : List.copyOf(command.getSubcommands().keySet());
    }
}
