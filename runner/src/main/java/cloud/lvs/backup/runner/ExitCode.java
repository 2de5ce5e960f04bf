package cloud.lvs.backup.runner;

import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.spi.Kind;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** How the program ends; the numbers are part of its interface. */
public enum ExitCode {
    OK(0),
    FAILED(1),
    CONFIG(2),
    PARTIAL(3),
    EMPTY(4),
    VERIFICATION(5),
    NOT_FOUND(8),
    SINK(10),
    LOCKED(11),
    CREDENTIALS(12),
    /** As of a program that Ctrl-C ended; after SIGTERM the Java runtime makes it 143. */
    CANCELLED(130);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** What the shell sees. */
    public int number() {
        return number;
    }

    /** How a failure of this kind ends the program. */
    public static ExitCode of(Kind kind) {
        return switch (kind) {
            case CONFIG -> CONFIG;
            case CREDENTIALS -> CREDENTIALS;
            case SINK -> SINK;
            case SOURCE, FAILED -> FAILED;
            case LOCKED -> LOCKED;
            case EMPTY -> EMPTY;
            case VERIFICATION -> VERIFICATION;
            case NOT_FOUND -> NOT_FOUND;
            case CANCELLED -> CANCELLED;
        };
    }

    /** How a run ends the program: a backup whose retention or copies failed is as good as a partial one. */
    public static ExitCode of(RunReport report) {
        Set<ExitCode> causes = EnumSet.noneOf(ExitCode.class);
        report.failures().stream().map(Failure::kind).map(ExitCode::of).forEach(causes::add);
        if (causes.contains(CANCELLED)) {
            return CANCELLED;
        }
        return switch (report.outcome()) {
            case OK, WARNED, ADOPTED -> causes.isEmpty() ? OK : PARTIAL;
            case PARTIAL -> PARTIAL;
            case EMPTY -> EMPTY;
            case FAILED -> causes.isEmpty() ? FAILED : worst(causes);
        };
    }

    /** The one to end with when several things happened: the first of 2, 12, 10, 11, 1, 4, 3 among them. */
    public static ExitCode worst(Collection<ExitCode> codes) {
        ExitCode[] order = {
            CANCELLED, CONFIG, CREDENTIALS, SINK, LOCKED, FAILED, VERIFICATION, NOT_FOUND, EMPTY, PARTIAL
        };
        for (ExitCode code : order) {
            if (codes.contains(code)) {
                return code;
            }
        }
        return OK;
    }
}
