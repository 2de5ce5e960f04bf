package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.ReportText;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.config.Configuration;
import cloud.lvs.backup.runner.config.ConfigurationSchema;
import cloud.lvs.backup.runner.config.LoadedConfiguration;
import cloud.lvs.backup.runner.config.yaml.Problem;
import cloud.lvs.backup.runner.output.OutputFormat;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.wiring.Jobs;
import cloud.lvs.backup.runner.wiring.Scratch;
import cloud.lvs.backup.runner.wiring.Sinks;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "config",
        description = "Check, show and describe the configuration.",
        synopsisSubcommandLabel = "COMMAND")
final class ConfigCommand {
    @Command(name = "validate", description = "Check the configuration and tell every mistake; connects to nothing.")
    static final class Validate implements Callable<Integer> {
        private final CommandContext cli;

        Validate(CommandContext cli) {
            this.cli = cli;
        }

        @Override
        public Integer call() throws Exception {
            try (Providers providers = cli.providers()) {
                LoadedConfiguration loaded = cli.loader(providers).load(cli.configFile());
                for (Problem warning : loaded.warnings()) {
                    cli.console().warn("warning: " + warning);
                }
                var unusable = new BrokenPluginReferences();
                loaded.configuration().sources().values().forEach(unusable::look);
                loaded.configuration().sinks().values().forEach(unusable::look);
                loaded.configuration().jobs().values().forEach(unusable::look);
                if (!unusable.found().isEmpty()) {
                    unusable.found().forEach(cli.console()::error);
                    return 2;
                }
                ExitCode sinks = preflight(loaded.configuration());
                if (sinks != ExitCode.OK) {
                    return sinks.number();
                }
                List<BackupException> refusals = refusals(loaded.configuration());
                if (!refusals.isEmpty()) {
                    refusals.forEach(refusal ->
                            cli.console().error(ReportText.withRemedy(refusal.getMessage(), refusal.remedy())));
                    return ExitCode.CONFIG.number();
                }
                int jobs = loaded.configuration().jobs().size();
                cli.print(
                        new JsonObject()
                                .put("file", cli.configFile())
                                .put("valid", true)
                                .put("jobs", jobs)
                                .put("warnings", loaded.warnings()),
                        () -> cli.configFile() + " is valid: " + jobs + (jobs == 1 ? " job\n" : " jobs\n"));
                return 0;
            }
        }

        /** What each job would end with as soon as its parts are made; making them does no I/O. */
        private List<BackupException> refusals(Configuration configuration) {
            Scratch scratch;
            try {
                scratch = Scratch.of(null, cli.host().environment(), told -> {});
            } catch (BackupException e) {
                cli.console().warn("warning: what providers make of it was not tried: " + e.getMessage());
                return List.of();
            }
            return Jobs.refusals(
                    configuration, scratch, cli.redactions(), cli.host().clock());
        }

        /** What would end every run in a process like this one. */
        private ExitCode preflight(Configuration configuration) throws BackupException {
            List<ExitCode> codes = new ArrayList<>();
            for (var sink : configuration.sinks().entrySet()) {
                for (Finding finding : Sinks.preflight(sink.getKey(), sink.getValue())) {
                    if (finding.severity() == Finding.Severity.ERROR) {
                        cli.console()
                                .error(finding.target() + ": "
                                        + ReportText.withRemedy(finding.problem(), finding.remedy()));
                        codes.add(ExitCode.of(finding.kind()));
                    }
                }
            }
            return ExitCode.worst(codes);
        }
    }

    @Command(
            name = "show",
            description =
                    "Print the configuration as it works: defaults filled in, interpolations as written, secrets masked.")
    static final class Show implements Callable<Integer> {
        private final CommandContext cli;

        Show(CommandContext cli) {
            this.cli = cli;
        }

        @Override
        public Integer call() throws Exception {
            try (Providers providers = cli.providers()) {
                LoadedConfiguration loaded = cli.loader(providers).load(cli.configFile());
                cli.output().document(cli.asTable() ? OutputFormat.YAML : cli.options().output, loaded.shown());
                return 0;
            }
        }
    }

    @Command(name = "schema", description = "Print the JSON Schema of the configuration, with the providers there are.")
    static final class Schema implements Callable<Integer> {
        private final CommandContext cli;

        Schema(CommandContext cli) {
            this.cli = cli;
        }

        @Override
        public Integer call() throws Exception {
            try (Providers providers = cli.providers()) {
                cli.output()
                        .document(
                                cli.asTable() ? OutputFormat.JSON : cli.options().output,
                                new ConfigurationSchema(providers).document());
                return 0;
            }
        }
    }
}
