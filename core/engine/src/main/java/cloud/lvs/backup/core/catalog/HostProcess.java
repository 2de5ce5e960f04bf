package cloud.lvs.backup.core.catalog;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A process, told apart from every other one: those of other hosts and containers, those before the last boot, and those that
 * were given its number after it ended.
 *
 * @param host the name of its host
 * @param bootId what Linux draws at each boot; empty if it does not say
 * @param pidNamespace in which its number means something; empty if Linux does not say
 * @param pid its number there
 * @param startTicks when it started, in ticks of the kernel since the boot; 0 if unknown
 */
public record HostProcess(String host, String bootId, String pidNamespace, long pid, long startTicks) {
    private static final Path PROC = Path.of("/proc");
    private static final String DEAD_STATES = "ZXx";
    // Fields 3 and 22 of /proc/PID/stat; the second, in brackets, may hold anything.
    private static final int STATE = 0;
    private static final int START = 19;

    private static final HostProcess CURRENT = of(ProcessHandle.current().pid());

    /** Whether a process is at work, as far as this one can see. */
    public enum Life {
        ALIVE,
        DEAD,
        UNKNOWN
    }

    /** This process. */
    public static HostProcess current() {
        return CURRENT;
    }

    /** A process of this host and container. */
    static HostProcess of(long pid) {
        long started = 0;
        try {
            started = Long.parseLong(stat(pid).map(fields -> fields[START]).orElse("0"));
        } catch (IOException | NumberFormatException e) {
            // Not a Linux: nobody is taken for dead then.
        }
        return new HostProcess(readHostName(), readBootId(), readPidNamespace(), pid, started);
    }

    private static String readHostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown-host";
        }
    }

    private static String readBootId() {
        try {
            return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String readPidNamespace() {
        try {
            return Files.readSymbolicLink(PROC.resolve("self/ns/pid")).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /** The fields behind the name; empty if there is no such process. */
    private static Optional<String[]> stat(long pid) throws IOException {
        try {
            String text = Files.readString(PROC.resolve(Long.toString(pid)).resolve("stat"));
            String[] fields = text.substring(text.lastIndexOf(')') + 1).strip().split(" ", -1);
            if (fields.length <= START) {
                throw new IOException("/proc/" + pid + "/stat has " + fields.length + " fields");
            }
            return Optional.of(fields);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Whether it is at work. Known only of processes of this very host, boot and container. */
    public Life life() {
        boolean here = !CURRENT.bootId.isEmpty()
                && !CURRENT.pidNamespace.isEmpty()
                && CURRENT.host.equals(host)
                && CURRENT.bootId.equals(bootId)
                && CURRENT.pidNamespace.equals(pidNamespace);
        if (!here || startTicks == 0) {
            return Life.UNKNOWN;
        }
        try {
            Optional<String[]> stat = stat(pid);
            if (stat.isEmpty()) {
                return hidesProcesses() ? Life.UNKNOWN : Life.DEAD;
            }
            boolean same = stat.get()[START].equals(Long.toString(startTicks));
            return same && !DEAD_STATES.contains(stat.get()[STATE]) ? Life.ALIVE : Life.DEAD;
        } catch (IOException e) {
            return Life.UNKNOWN;
        }
    }

    /** With {@code hidepid} nobody sees the processes of others; the first one is always there. */
    private static boolean hidesProcesses() {
        return !Files.exists(PROC.resolve("1"));
    }

    /** Who it is to others, e.g. {@code node-1/4711}. */
    public String owner() {
        return host + "/" + pid;
    }

    /** Fit for the name of a file; no two processes of this boot and container share it. */
    public String name() {
        return pid + "-" + Long.toString(startTicks, Character.MAX_RADIX);
    }

    /** For people to read, and for {@link #isOfThisBoot}. */
    public String describe(Instant since) {
        return "process " + pid + " on " + host + " since " + since + "\nboot " + bootId + "\n";
    }

    /** Whether {@link #describe} was called between the same start and end of this machine. */
    public boolean isOfThisBoot(String description) {
        return !bootId.isEmpty() && description.lines().anyMatch(("boot " + bootId)::equals);
    }
}
