package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.report.JsonObject;
import cloud.lvs.backup.core.report.TextTable;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.config.ConfigurationSchema;
import cloud.lvs.backup.runner.plugin.BrokenPlugin;
import cloud.lvs.backup.runner.plugin.Providers;
import cloud.lvs.backup.runner.plugin.RegisteredProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "providers",
        description = "List the types of sources, sinks and retention, and the plugins that are broken.")
final class ProvidersCommand implements Callable<Integer> {
    private final CommandContext cli;

    ProvidersCommand(CommandContext cli) {
        this.cli = cli;
    }

    private record Row(String kind, String type, String className, String origin, String version, String state) {}

    @Override
    public Integer call() throws Exception {
        List<Row> rows = new ArrayList<>();
        try (Providers providers = cli.providers()) {
            var schema = new ConfigurationSchema(providers);
            for (RegisteredProvider provider : providers.all()) {
                rows.add(new Row(
                        provider.kind().word(),
                        provider.type(),
                        provider.className(),
                        provider.origin(),
                        provider.version(),
                        state(schema, provider)));
            }
            for (BrokenPlugin broken : providers.broken()) {
                rows.add(new Row("?", "?", "?", broken.origin(), "", "broken: " + broken.problem()));
            }
        }
        cli.print(
                rows.stream()
                        .map(row -> new JsonObject()
                                .put("kind", row.kind())
                                .put("type", row.type())
                                .put("class", row.className())
                                .put("jar", row.origin())
                                .put("version", row.version())
                                .put("state", row.state()))
                        .toList(),
                () -> table(rows));
        return 0;
    }

    private static String table(List<Row> rows) {
        var table = new TextTable("KIND", "TYPE", "CLASS", "VERSION", "JAR", "STATE");
        rows.forEach(
                row -> table.row(row.kind(), row.type(), row.className(), row.version(), row.origin(), row.state()));
        return table.toString();
    }

    private static String state(ConfigurationSchema schema, RegisteredProvider provider) {
        return schema.problemOf(provider).map(problem -> "broken: " + problem).orElse("ok");
    }
}
