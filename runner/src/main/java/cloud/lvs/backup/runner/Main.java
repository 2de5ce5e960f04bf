package cloud.lvs.backup.runner;

import cloud.lvs.backup.runner.cli.Host;
import cloud.lvs.backup.runner.cli.LvsBackup;
import cloud.lvs.backup.runner.output.Progress.Screen;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The program as a process. */
public final class Main {
    /** Kubernetes kills 30 seconds after it asked. */
    private static final int CLEAN_UP_SECONDS = 25;

    private Main() {}

    /** Executes a command line and exits with its code; SIGTERM and SIGINT stop the work, which cleans up first. */
    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        String home = System.getProperty("lvs.backup.home", "");
        var host = new Host(
                environment,
                // A PrintStream would swallow what goes wrong.
                new FileOutputStream(FileDescriptor.out),
                System.err,
                Clock.systemUTC(),
                screen(environment),
                home.isEmpty() ? null : Path.of(home));
        var done = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(stopping(Thread.currentThread(), done), "stop"));
        int code = ExitCode.FAILED.number();
        try {
            code = new LvsBackup(host).execute(arguments);
        } catch (OutOfMemoryError e) {
            System.err.println("lvs-backup: out of memory (give it more with LVS_JAVA_OPTS=-Xmx256m)");
        } finally {
            done.countDown();
        }
        System.exit(code);
    }

    /** After a signal the Java runtime ends with 128 and the signal's number, once this returns. */
    private static Runnable stopping(Thread worker, CountDownLatch done) {
        return () -> {
            if (done.getCount() == 0) {
                return;
            }
            worker.interrupt();
            try {
                if (!done.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
                    System.err.println("lvs-backup: did not clean up within " + CLEAN_UP_SECONDS
                            + " s; a later prune sweeps what is left");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
    }

    /** The launcher knows whether standard error is a terminal; Java does not. */
    private static Screen screen(Map<String, String> environment) {
        boolean terminal = Boolean.getBoolean("lvs.backup.terminal")
                && !environment.getOrDefault("TERM", "dumb").equals("dumb");
        return terminal ? Screen.TERMINAL : Screen.LOG;
    }
}
