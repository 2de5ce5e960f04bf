package cloud.lvs.backup.runner.cli.session;

import cloud.lvs.backup.core.job.Mode;
import cloud.lvs.backup.runner.output.OutputFormat;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options that every command takes, before or after its name. */
@Command(
        name = "lvs-backup",
        description = "Backs up k3s and PostgreSQL; verifies, rehearses and restores what it stored.",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        footer = {
            "",
            "Exit codes: 0 ok, 1 failed, 2 usage or configuration, 3 partial, 4 nothing to back up, 5 verification or drill"
                    + " failed, 8 no such backup, 10 sink unreachable, 11 locked, 12 credentials or key, 130/143 stopped."
        })
public final class RootCommand {
    /** How lines on standard error look. */
    enum LogFormat {
        TEXT,
        JSON
    }

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Configuration (default: $LVS_BACKUP_CONFIG, or lvs-backup.yaml).")
    @Nullable
    public Path config;

    @Option(
            names = {"-j", "--job"},
            paramLabel = "JOB",
            scope = ScopeType.INHERIT,
            description = "The job, where there are several.")
    @Nullable
    public String job;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "table",
            description = "table, json or yaml, to standard output.")
    public OutputFormat output = OutputFormat.TABLE;

    @Option(names = "--dry-run", scope = ScopeType.INHERIT, description = "Say what would be done and change nothing.")
    public boolean dryRun;

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "Where plugins lie (default: $LVS_BACKUP_PLUGINS, or plugins/ of the distribution).")
    @Nullable
    public Path plugins;

    @Option(
            names = "--verbose",
            scope = ScopeType.INHERIT,
            description = "Tell more: durations, log lines of libraries, stack traces.")
    public boolean verbose;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            scope = ScopeType.INHERIT,
            defaultValue = "text",
            description = "text or json, for standard error.")
    LogFormat logFormat = LogFormat.TEXT;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version.")
    boolean version;

    Mode mode() {
        return dryRun ? Mode.DRY_RUN : Mode.EXECUTE;
    }
}
