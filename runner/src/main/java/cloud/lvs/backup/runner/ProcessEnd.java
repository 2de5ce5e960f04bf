package cloud.lvs.backup.runner;

import cloud.lvs.backup.runner.cli.LvsBackup;
import cloud.lvs.backup.runner.plugin.PluginExit;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Sees to it that the process never ends well with work undone: run when it is about to end. A signal stops the work and waits
 * for it to clean up; an exit that somebody else than the program called for becomes a failure.
 */
final class ProcessEnd implements Runnable {
    /** Kubernetes kills 30 seconds after it asked. */
    private static final int CLEAN_UP_SECONDS = 25;

    private static final String SIGNAL_HANDLER = "java.lang.Terminator";
    private static final List<String> JDK = List.of("java.", "javax.", "jdk.", "sun.");

    private final LvsBackup program;
    private final Thread worker;
    private final PrintStream err;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile int code;

    ProcessEnd(LvsBackup program, Thread worker, PrintStream err) {
        this.program = program;
        this.worker = worker;
        this.err = err;
    }

    /** The program is about to exit with this code. */
    void workIsDone(int exitCode) {
        code = exitCode;
        done.countDown();
    }

    /** As the last word of a thread that somebody else started. */
    void threadDied(Thread thread, Throwable thrown) {
        err.println("lvs-backup: thread '" + thread.getName() + "'"
                + codeIn(thrown.getStackTrace())
                        .map(frame -> " of " + name(frame))
                        .orElse("") + ": " + thrown);
    }

    @Override
    public void run() {
        Map<Thread, StackTraceElement[]> threads = Thread.getAllStackTraces();
        Optional<StackTraceElement> exit = exitCall(threads);
        Optional<String> signal = signal(threads);
        if (done.getCount() == 0) {
            if (exit.isPresent() && !exit.get().getClassName().equals(Main.class.getName())) {
                Runtime.getRuntime().halt(code);
            }
            return;
        }
        if (signal.isEmpty() && exit.isPresent()) {
            err.println("lvs-backup: " + during() + name(exit.get())
                    + " ended the process; the rest of the work is not done (remove or mend what calls exit; a later prune"
                    + " sweeps what is left)");
            Runtime.getRuntime().halt(ExitCode.FAILED.number());
        }
        stop(signal.orElse("the end of the Java runtime"));
        if (exit.isPresent() || signal.isEmpty()) {
            // Who called for the end first has said with which code, and it may be 0.
            Runtime.getRuntime().halt((signal.isPresent() ? ExitCode.CANCELLED : ExitCode.FAILED).number());
        }
    }

    /** After a signal the Java runtime ends with 128 and the signal's number, once this returns. */
    private void stop(String signal) {
        program.stoppedBy(signal);
        worker.interrupt();
        try {
            if (!done.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
                err.println("lvs-backup: " + during() + "did not end within " + CLEAN_UP_SECONDS + " s of " + signal
                        + ": it is " + whereabouts(worker.getStackTrace())
                        + " (a later prune sweeps what is left; the lock expires, or free it with 'unlock')");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String during() {
        String activity = program.activity();
        return activity.isEmpty() ? "" : activity + ": ";
    }

    /** Who called for the exit that is going on, if anybody did. */
    private static Optional<StackTraceElement> exitCall(Map<Thread, StackTraceElement[]> threads) {
        for (StackTraceElement[] stack : threads.values()) {
            for (int i = 0; i < stack.length; i++) {
                if (stack[i].getClassName().equals("java.lang.Runtime")
                        && stack[i].getMethodName().equals("exit")) {
                    return codeIn(Arrays.copyOfRange(stack, i, stack.length));
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> signal(Map<Thread, StackTraceElement[]> threads) {
        return threads.entrySet().stream()
                .filter(thread -> Arrays.stream(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().startsWith(SIGNAL_HANDLER)))
                .map(thread -> thread.getKey().getName().replace(" handler", ""))
                .findFirst();
    }

    /** The first frame outside the JDK. */
    private static Optional<StackTraceElement> codeIn(StackTraceElement[] stack) {
        return Arrays.stream(stack)
                .filter(frame -> JDK.stream().noneMatch(frame.getClassName()::startsWith)
                        && !frame.getClassName().equals(PluginExit.class.getName()))
                .findFirst();
    }

    private static String name(StackTraceElement frame) {
        String loader = frame.getClassLoaderName();
        String method = frame.getClassName() + "." + frame.getMethodName();
        return loader == null || loader.equals("app") ? method : loader + " (" + method + ")";
    }

    private static String whereabouts(StackTraceElement[] stack) {
        String at = stack.length == 0 ? "nowhere" : "in " + stack[0].getClassName() + "." + stack[0].getMethodName();
        return codeIn(stack).map(frame -> at + ", called by " + name(frame)).orElse(at);
    }
}
