package cloud.lvs.backup.runner;

import java.nio.charset.Charset;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;

/** The Java runtime of this process, which is set before anything uses it. */
final class JavaRuntime {
    /** What stands for bytes that are no text in the locale of this process. */
    private static final char UNREADABLE = '\uFFFD';

    private JavaRuntime() {}

    static void prepare() {
        // Guice needs no classes of its own making here, and Java warns of the way in which it loads them.
        if (System.getProperty("guice_bytecode_gen_option") == null) {
            System.setProperty("guice_bytecode_gen_option", "DISABLED");
        }
        // The driver of PostgreSQL tells each server the zone, and a server that does not know its name lets nobody in.
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    }

    /** What to say if the locale keeps Java from reading some argument; the launcher sets one that does not. */
    static Optional<String> complaint(List<String> arguments, Charset names) {
        return arguments.stream()
                .filter(argument -> argument.indexOf(UNREADABLE) >= 0)
                .findFirst()
                .filter(argument -> !names.newEncoder().canEncode('ü'))
                .map(argument -> "argument '" + argument.replace(UNREADABLE, '?')
                        + "' holds characters that are none in the locale of this process (start Java with"
                        + " LC_ALL=C.UTF-8)");
    }

    /** In which file names and arguments are written. */
    static Charset charsetOfNames() {
        return Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    }
}
