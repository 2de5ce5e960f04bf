package cloud.lvs.backup.runner.shell;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A manual page in the macros of man(7), from the model of a command: what {@code --help} says, for {@code man}. The generator
 * of picocli makes AsciiDoc, which takes a Ruby or JRuby to become this.
 */
public final class ManPage {
    private static final String SECTION = ".1";

    private final CommandSpec command;
    private final String version;
    private final StringBuilder page = new StringBuilder();

    private ManPage(CommandSpec command, String version) {
        this.command = command;
        this.version = version;
    }

    /** The pages of a program and all of its commands, by the name of their file, e.g. {@code lvs-backup-run.1}. */
    public static Map<String, String> all(CommandSpec program, String version) {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put(nameOf(program) + SECTION, new ManPage(program, version).write());
        visible(program).forEach(inner -> pages.putAll(all(inner, version)));
        return pages;
    }

    private static List<CommandSpec> visible(CommandSpec command) {
        return command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(inner -> !inner.usageMessage().hidden())
                .toList();
    }

    private static String nameOf(CommandSpec command) {
        return command.qualifiedName("-");
    }

    private String write() {
        macro(".TH", nameOf(command).toUpperCase(Locale.ROOT), "1", "", version, "LVS Backup");
        macro(".SH", "NAME");
        text(nameOf(command) + " - "
                + String.join(" ", command.usageMessage().description()).replaceAll("\\.$", ""));
        macro(".SH", "SYNOPSIS");
        text(new Help(command, Help.defaultColorScheme(Ansi.OFF))
                .synopsis(0)
                .replaceAll("\\s+", " ")
                .strip());
        List<PositionalParamSpec> arguments = command.positionalParameters();
        if (!arguments.isEmpty()) {
            macro(".SH", "ARGUMENTS");
            arguments.forEach(argument -> entry("\\fI" + roff(argument.paramLabel()) + "\\fR", argument));
        }
        List<CommandSpec> commands = visible(command);
        if (!commands.isEmpty()) {
            macro(".SH", "COMMANDS");
            commands.forEach(inner -> {
                tag("\\fB" + roff(inner.name()) + "\\fR");
                text(String.join(" ", inner.usageMessage().description()));
            });
        }
        macro(".SH", "OPTIONS");
        command.options().stream().filter(option -> !option.hidden()).forEach(option -> entry(names(option), option));
        String footer = String.join(" ", command.usageMessage().footer()).strip();
        if (!footer.isEmpty()) {
            macro(".SH", "EXIT STATUS");
            text(footer.replaceFirst("^Exit codes: ", ""));
        }
        seeAlso(commands);
        return page.toString();
    }

    private void seeAlso(List<CommandSpec> commands) {
        List<String> pages = commands.stream().map(ManPage::nameOf).collect(Collectors.toList());
        if (command.parent() != null) {
            pages.add(0, nameOf(command.parent()));
        }
        if (!pages.isEmpty()) {
            macro(".SH", "SEE ALSO");
            page.append(pages.stream()
                            .map(name -> "\\fB" + roff(name) + "\\fR(1)")
                            .collect(Collectors.joining(",\n")))
                    .append('\n');
        }
    }

    private static String names(OptionSpec option) {
        String value = option.arity().max() == 0 ? "" : "=\\fI" + roff(option.paramLabel()) + "\\fR";
        return Arrays.stream(option.names())
                .map(name -> "\\fB" + roff(name) + "\\fR" + (name.startsWith("--") ? value : ""))
                .collect(Collectors.joining(", "));
    }

    private void entry(String tag, ArgSpec argument) {
        tag(tag);
        text(String.join(" ", argument.description()));
    }

    private void tag(String tag) {
        page.append(".TP\n").append(tag).append('\n');
    }

    private void text(String text) {
        page.append(roff(text)).append('\n');
    }

    private void macro(String name, String... arguments) {
        page.append(name);
        for (String argument : arguments) {
            page.append(" \"").append(roff(argument).replace("\"", "\\(dq")).append('"');
        }
        page.append('\n');
    }

    /** So that nothing is taken for a request, and hyphens stay those of options. */
    private static String roff(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq");
        return escaped.startsWith(".") ? "\\&" + escaped : escaped;
    }
}
