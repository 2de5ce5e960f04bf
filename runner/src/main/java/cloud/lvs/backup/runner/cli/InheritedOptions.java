package cloud.lvs.backup.runner.cli;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Every command inherits the options of the program; this takes away those that mean nothing to it, so that its help holds what
 * it heeds and an option without effect is a mistake.
 */
final class InheritedOptions {
    private static final String JOB = "--job";
    private static final String OUTPUT = "--output";
    private static final String DRY_RUN = "--dry-run";
    /** Before the command they are a mistake where the command has no use for them. */
    private static final List<String> MEANT = List.of(JOB, OUTPUT, DRY_RUN);

    private static final Map<String, Set<String>> WITHOUT = Map.ofEntries(
            Map.entry("list", Set.of(DRY_RUN)),
            Map.entry("show", Set.of(DRY_RUN)),
            Map.entry("verify", Set.of(DRY_RUN)),
            Map.entry("config", Set.of(JOB, DRY_RUN)),
            Map.entry("providers", Set.of(JOB, DRY_RUN)),
            Map.entry("version", Set.of(JOB, DRY_RUN)),
            Map.entry("completion", Set.copyOf(MEANT)),
            Map.entry("complete", Set.copyOf(MEANT)),
            Map.entry("help", Set.copyOf(MEANT)),
            Map.entry("man", Set.copyOf(MEANT)));

    /** Taken, so that whatever calls the program need not know, and no help for anybody. */
    private static final Map<String, Set<String>> HIDDEN = Map.of(
            "version", Set.of("--config", "--plugins", "--verbose", OUTPUT),
            "completion", Set.of("--config", "--plugins", "--verbose"),
            "help", Set.of("--config", "--plugins", "--verbose", "--log-format"));

    private InheritedOptions() {}

    /** Takes away what means nothing. */
    static void limit(CommandLine program) {
        program.getSubcommands().forEach((name, command) -> {
            for (CommandSpec spec : (Iterable<CommandSpec>) withInner(command)::iterator) {
                WITHOUT.getOrDefault(name, Set.of()).forEach(option -> remove(spec, option));
                HIDDEN.getOrDefault(name, Set.of()).forEach(option -> hide(spec, option));
            }
        });
    }

    private static Stream<CommandSpec> withInner(CommandLine command) {
        return Stream.concat(
                Stream.of(command.getCommandSpec()),
                command.getSubcommands().values().stream().flatMap(InheritedOptions::withInner));
    }

    private static void remove(CommandSpec spec, String name) {
        OptionSpec option = spec.findOption(name);
        if (option != null) {
            spec.remove(option);
        }
    }

    private static void hide(CommandSpec spec, String name) {
        OptionSpec option = spec.findOption(name);
        if (option != null) {
            spec.remove(option);
            spec.addOption(OptionSpec.builder(option).hidden(true).build());
        }
    }

    /** @throws ParameterException if an option before the command means nothing to it */
    static void check(ParseResult parsed) {
        Collection<CommandLine> commands = parsed.asCommandLineList();
        for (CommandLine command : commands) {
            for (String option : MEANT) {
                if (parsed.hasMatchedOption(option)
                        && command.getParent() != null
                        && command.getCommandSpec().findOption(option) == null) {
                    throw new ParameterException(command, "has no option " + option);
                }
            }
        }
    }
}
