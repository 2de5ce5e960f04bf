package cloud.lvs.backup.core.shield;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.SinkFailureException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What sources, sinks and policies give, looked at in one place: null is the failure of whoever gave it, and not of the work that
 * would stumble over it later.
 */
public final class Answers {
    private static final String REPORT_IT = "report it to whoever made it";

    private Answers() {}

    /** A call of a provider's object. */
    @FunctionalInterface
    interface Call<T> {
        @Nullable
        T make() throws IOException, InterruptedException;
    }

    /**
     * What {@code giver} gave.
     *
     * @param what it is, e.g. {@code sink}
     * @param call the method's name
     * @throws BackupException if that is null
     */
    static <T> T of(String what, Object giver, String call, @Nullable T answer) throws BackupException {
        if (answer == null) {
            throw failure(what, giver, "its " + call + "() gave null", null);
        }
        return answer;
    }

    /** As above, for a list. */
    static <T> List<T> listOf(String what, Object giver, String call, @Nullable List<T> answer) throws BackupException {
        List<T> list = of(what, giver, call, answer);
        for (T element : list) {
            if (element == null) {
                throw failure(what, giver, "its " + call + "() gave a list with null in it", null);
            }
        }
        return list;
    }

    /** What a call of a sink gives. What it must not throw is its failure too, wherever it is called from. */
    static <T> T ofSink(Object sink, String method, Call<T> call) throws IOException, InterruptedException {
        T answer;
        try {
            answer = call.make();
        } catch (UncheckedIOException | SinkFailureException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failure("sink", sink, thrown(method, e), e);
        }
        return of("sink", sink, method, answer);
    }

    /** In words, that a call threw what it must not throw. */
    public static String thrown(String method, RuntimeException e) {
        return "its " + method + "() failed: " + e.getClass().getSimpleName()
                + (e.getMessage() == null ? "" : ": " + e.getMessage());
    }

    /** A failure of {@code giver}, told by its class or, of a plugin, as the proxy before it says. */
    public static BackupException failure(String what, Object giver, String problem, @Nullable Throwable cause) {
        String name = Proxy.isProxyClass(giver.getClass())
                ? giver.toString()
                : what + " " + giver.getClass().getName();
        return new BackupException(Kind.FAILED, name, problem, REPORT_IT, cause);
    }
}
