package cloud.lvs.backup.runner.cli.command;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.runner.ExitCode;
import cloud.lvs.backup.runner.cli.session.CommandContext;
import cloud.lvs.backup.runner.cli.session.OutputFile;
import cloud.lvs.backup.runner.cli.session.Session;
import cloud.lvs.backup.runner.metrics.Gauges;
import cloud.lvs.backup.runner.metrics.PushTarget;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Usage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "metrics",
        description = "Measure buckets and backups for Prometheus: to standard output, a textfile or a Pushgateway.")
final class MetricsCommand implements Callable<Integer> {
    private static final String PUSH_VARIABLE = "LVS_BACKUP_PUSH_URL";

    /** Which buckets. */
    enum Buckets {
        ALL(Usage.Scope.ALL),
        CONFIGURED(Usage.Scope.OWN);

        private final Usage.Scope scope;

        Buckets(Usage.Scope scope) {
            this.scope = scope;
        }
    }

    private final CommandContext cli;

    @Option(
            names = "--textfile",
            paramLabel = "FILE",
            description = "Write them for the node exporter's textfile collector, whole or not at all; - is standard"
                    + " output.")
    @Nullable
    Path textfile;

    @Option(
            names = "--push",
            paramLabel = "URL",
            arity = "0..1",
            fallbackValue = "",
            description = "Push them to a Pushgateway (without URL: $" + PUSH_VARIABLE
                    + ", which keeps a password out of" + " the process list).")
    @Nullable
    String push;

    @Option(
            names = "--push-job",
            paramLabel = "NAME",
            defaultValue = "lvs-backup",
            description = "The group that is replaced in the Pushgateway (default: ${DEFAULT-VALUE}).")
    String pushJob = "lvs-backup";

    @Option(
            names = "--buckets",
            paramLabel = "WHICH",
            defaultValue = "all",
            description = "all that the sinks' keys show, or only those configured. Default: ${DEFAULT-VALUE}.")
    Buckets buckets = Buckets.ALL;

    MetricsCommand(CommandContext cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        PushTarget target = push == null ? null : target(push);
        OutputFile file = textfile == null ? null : OutputFile.of(cli, "--textfile", textfile);
        return cli.work(session -> measure(session, file, target));
    }

    private PushTarget target(String given) throws BackupException {
        String url = given.isEmpty() ? cli.host().environment().getOrDefault(PUSH_VARIABLE, "") : given;
        if (url.isEmpty()) {
            throw new BackupException(
                    Kind.CONFIG, "--push", "has no URL", "give one, or set " + PUSH_VARIABLE + " in the environment");
        }
        return PushTarget.of(url, pushJob, cli.redactions()::add);
    }

    private ExitCode measure(Session session, @Nullable OutputFile file, @Nullable PushTarget target)
            throws IOException, InterruptedException {
        var measuring = new MetricsCollector(cli, session);
        List<ExitCode> codes = new ArrayList<>(measuring.measure(buckets.scope));
        Gauges gauges = measuring.gauges();
        session.progress().clear();
        boolean dry = cli.mode() == Mode.DRY_RUN;
        boolean printed = file != null && file.isStandardOutput() && !dry;
        if (!printed && (dry || file == null && target == null || !cli.asTable())) {
            cli.print(gauges.trees(), gauges::text);
        }
        if (!dry && file != null) {
            codes.add(file.write(gauges.text(), ExitCode.FAILED));
        }
        if (!dry && target != null) {
            codes.add(push(target, gauges));
        }
        return ExitCode.worst(codes);
    }

    private ExitCode push(PushTarget target, Gauges gauges) throws InterruptedException {
        try {
            target.put(cli.redactions().mask(gauges.text()));
            return ExitCode.OK;
        } catch (BackupException e) {
            return cli.tell(e);
        }
    }
}
