package cloud.lvs.backup.contract;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Collects the arguments of the processes below this one, as every user of the machine can read them in {@code /proc}. Looks
 * when told to, and some hundred times a second until it is closed.
 */
final class ProcessArguments implements AutoCloseable {
    private static final int PAUSE_MILLIS = 5;

    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final Thread watcher = new Thread(this::watch, "process-arguments");

    private ProcessArguments() {}

    /** Whether this platform shows the arguments of processes. */
    static boolean areShown() {
        return Files.isReadable(cmdline("self"));
    }

    static ProcessArguments watched() {
        ProcessArguments arguments = new ProcessArguments();
        arguments.watcher.setDaemon(true);
        arguments.watcher.start();
        return arguments;
    }

    /** Looks at the processes there are now. */
    void look() {
        ProcessHandle.current().descendants().forEach(process -> {
            try {
                byte[] arguments = Files.readAllBytes(cmdline(Long.toString(process.pid())));
                seen.add(new String(arguments, StandardCharsets.UTF_8).replace('\0', ' '));
            } catch (IOException gone) {
                // It has ended.
            }
        });
    }

    /** The command lines seen so far. */
    List<String> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void close() {
        watcher.interrupt();
    }

    private void watch() {
        try {
            while (true) {
                look();
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException closed) {
            // Nobody looks any more.
        }
    }

    private static Path cmdline(String process) {
        return Path.of("/proc", process, "cmdline");
    }
}
