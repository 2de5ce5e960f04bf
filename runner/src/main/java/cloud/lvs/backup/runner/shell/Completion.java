package cloud.lvs.backup.runner.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What may come next on a command line that is being typed: commands, options and their values, read off the model of the
 * commands. What an argument stands for is told by its label: {@code JOB}, {@code SINK}, {@code ID}.
 */
public final class Completion {
    private static final String COMMAND = "COMMAND";

    private final CommandSpec program;
    private final Map<String, Function<TypedOptions, List<String>>> names;

    /** @param names by the label of an argument, what may be written there */
    public Completion(CommandSpec program, Map<String, Function<TypedOptions, List<String>>> names) {
        this.program = program;
        this.names = Map.copyOf(names);
    }

    /**
     * One way to go on.
     *
     * @param text the whole word
     * @param description a few words, or empty
     */
    public record Candidate(String text, String description) {}

    /**
     * The candidates, none if only a file could come.
     *
     * @param words those behind the program's name; the last is the one that is being typed, perhaps empty
     */
    public List<Candidate> of(List<String> words) {
        var line = new Line(program);
        for (String word : words.subList(0, Math.max(0, words.size() - 1))) {
            line.take(word);
        }
        String current = words.isEmpty() ? "" : words.get(words.size() - 1);
        return candidates(line, current).stream()
                .filter(candidate -> candidate.text().startsWith(current.equals("=") ? "" : current))
                .toList();
    }

    private List<Candidate> candidates(Line line, String current) {
        if (line.open != null) {
            return plain("", values(line.open, line));
        }
        int equals = current.indexOf('=');
        if (current.startsWith("-") && equals > 0) {
            OptionSpec option = line.command.findOption(current.substring(0, equals));
            return option == null ? List.of() : plain(current.substring(0, equals + 1), values(option, line));
        }
        return current.startsWith("-") && !line.onlyArguments ? options(line.command) : arguments(line);
    }

    private static List<Candidate> plain(String before, List<String> values) {
        return values.stream().map(value -> new Candidate(before + value, "")).toList();
    }

    private static List<Candidate> options(CommandSpec command) {
        List<Candidate> options = new ArrayList<>();
        for (OptionSpec option : command.options()) {
            if (!option.hidden()) {
                Arrays.stream(option.names())
                        .forEach(name -> options.add(new Candidate(name, sentence(option.description()))));
            }
        }
        return options;
    }

    private List<Candidate> arguments(Line line) {
        List<Candidate> arguments = new ArrayList<>();
        if (line.arguments == 0) {
            arguments.addAll(commands(line.command));
        }
        line.command.positionalParameters().stream()
                .filter(argument -> argument.index().contains(line.arguments))
                .findFirst()
                .ifPresent(argument -> arguments.addAll(
                        argument.paramLabel().equals(COMMAND) ? commands(program) : plain("", values(argument, line))));
        return arguments;
    }

    private static List<Candidate> commands(CommandSpec command) {
        return command.subcommands().entrySet().stream()
                .filter(entry ->
                        !entry.getValue().getCommandSpec().usageMessage().hidden())
                .map(entry -> new Candidate(
                        entry.getKey(),
                        sentence(
                                entry.getValue().getCommandSpec().usageMessage().description())))
                .toList();
    }

    private List<String> values(ArgSpec argument, Line line) {
        List<String> values = new ArrayList<>();
        if (argument.completionCandidates() != null) {
            argument.completionCandidates()
                    .forEach(value -> values.add(value.toLowerCase(Locale.ROOT).replace('_', '-')));
        } else {
            values.addAll(
                    names.getOrDefault(subject(argument), typed -> List.of()).apply(new TypedOptions(line.given)));
        }
        return values;
    }

    /** An option that is called as what it takes may label its value otherwise: {@code --sink NAME}. */
    private String subject(ArgSpec argument) {
        String option = argument instanceof OptionSpec named
                ? named.longestName().replaceFirst("^--", "").toUpperCase(Locale.ROOT)
                : "";
        return names.containsKey(option) ? option : argument.paramLabel();
    }

    private static String sentence(String[] description) {
        return description.length == 0 ? "" : description[0].split("(?<=[.:;]) ", 2)[0].replaceAll("[.:;]$", "");
    }

    /** The words before the one that is being typed, understood one by one. */
    private static final class Line {
        private CommandSpec command;
        private final Map<String, String> given = new LinkedHashMap<>();
        private @Nullable OptionSpec open;
        private int arguments;
        private boolean onlyArguments;

        Line(CommandSpec program) {
            this.command = program;
        }

        void take(String word) {
            if (open != null) {
                // bash makes a word of its own of the sign in --option=value.
                if (!word.equals("=")) {
                    given.put(open.longestName(), word);
                    open = null;
                }
            } else if (word.equals("--")) {
                onlyArguments = true;
            } else if (word.startsWith("-") && word.length() > 1 && !onlyArguments) {
                takeOption(word);
            } else {
                takeArgument(word);
            }
        }

        private void takeOption(String word) {
            int equals = word.indexOf('=');
            OptionSpec option = command.findOption(equals < 0 ? word : word.substring(0, equals));
            if (option == null) {
                return;
            }
            if (equals >= 0) {
                given.put(option.longestName(), word.substring(equals + 1));
            } else if (option.arity().max() > 0) {
                open = option;
            }
        }

        private void takeArgument(String word) {
            CommandLine inner = onlyArguments || arguments > 0
                    ? null
                    : command.subcommands().get(word);
            if (inner == null) {
                arguments++;
            } else {
                command = inner.getCommandSpec();
            }
        }
    }
}
