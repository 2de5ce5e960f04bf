package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.runner.cli.session.CommandContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/** The commands there are. */
public final class Commands {
    private Commands() {}

    /** By name, in the order of the help; each is made only if it is needed. */
    public static Map<String, Function<CommandContext, Object>> all() {
        Map<String, Function<CommandContext, Object>> commands = new LinkedHashMap<>();
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
        commands.put("unlock", UnlockCommand::new);
        commands.put("doctor", DoctorCommand::new);
        commands.put("metrics", MetricsCommand::new);
        commands.put("config", Commands::config);
        commands.put("providers", ProvidersCommand::new);
        commands.put("version", VersionCommand::new);
        commands.put("completion", CompletionCommand::new);
        commands.put("complete", CompleteCommand::new);
        commands.put("man", cli -> new ManCommand());
        commands.put("help", cli -> new HelpCommand());
        return commands;
    }

    private static CommandLine config(CommandContext cli) {
        return new CommandLine(new ConfigCommand())
                .addSubcommand("validate", new ConfigCommand.Validate(cli))
                .addSubcommand("show", new ConfigCommand.Show(cli))
                .addSubcommand("schema", new ConfigCommand.Schema(cli));
    }
}
