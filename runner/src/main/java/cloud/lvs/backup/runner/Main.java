package cloud.lvs.backup.runner;

import cloud.lvs.backup.runner.cli.Host;
import cloud.lvs.backup.runner.cli.LvsBackup;
import cloud.lvs.backup.runner.output.Progress.Screen;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The program as a process. */
public final class Main {
    private Main() {}

    /** Executes a command line and exits with its code; SIGTERM and SIGINT stop the work, which cleans up first. */
    public static void main(String[] arguments) {
        JavaRuntime.prepare();
        Optional<String> complaint = JavaRuntime.complaint(List.of(arguments), JavaRuntime.charsetOfNames());
        if (complaint.isPresent()) {
            System.err.println("lvs-backup: " + complaint.get());
            System.exit(ExitCode.CONFIG.number());
        }
        Map<String, String> environment = System.getenv();
        String home = System.getProperty("lvs.backup.home", "");
        PrintStream err = System.err;
        var host = new Host(
                environment,
                // A PrintStream would swallow what goes wrong.
                new FileOutputStream(FileDescriptor.out),
                err,
                Clock.systemUTC(),
                screen(environment),
                home.isEmpty() ? null : Path.of(home));
        // What a plugin prints is no part of a result.
        System.setOut(err);
        var program = new LvsBackup(host);
        var end = new ProcessEnd(program, Thread.currentThread(), err);
        Runtime.getRuntime().addShutdownHook(new Thread(end, "stop"));
        Thread.setDefaultUncaughtExceptionHandler(end::threadDied);
        int code = ExitCode.FAILED.number();
        try {
            code = program.execute(arguments);
        } catch (OutOfMemoryError e) {
            err.println("lvs-backup: out of memory (give it more with LVS_JAVA_OPTS=-Xmx256m)");
        } finally {
            end.workIsDone(code);
        }
        System.exit(code);
    }

    /** The launcher knows whether standard error is a terminal; Java does not. */
    private static Screen screen(Map<String, String> environment) {
        boolean terminal = Boolean.getBoolean("lvs.backup.terminal")
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        return terminal ? Screen.TERMINAL : Screen.LOG;
    }
}
