package cloud.lvs.backup.runner.plugin;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.SinkFailureException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Calls what a plugin made, with its class loader as the context class loader. Whatever it throws that it must not throw, an
 * {@code Error} or a {@code NullPointerException} say, becomes a failure that names provider and jar, so that it is the end of
 * one job and of no other. Memory that ran out is the affair of the whole process.
 */
final class PluginCalls implements InvocationHandler {
    private final Object target;
    private final RegisteredProvider provider;

    private PluginCalls(Object target, RegisteredProvider provider) {
        this.target = target;
        this.provider = provider;
    }

    /** {@code target} itself if it is built in: a proxy is not made in no time. */
    static <T> T guard(Class<T> spi, @Nullable T target, RegisteredProvider provider) throws BackupException {
        if (target == null) {
            throw provider.failure(new IllegalStateException("it made nothing"));
        }
        if (provider.isBuiltIn()) {
            return target;
        }
        return spi.cast(Proxy.newProxyInstance(
                PluginCalls.class.getClassLoader(), new Class<?>[] {spi}, new PluginCalls(target, provider)));
    }

    private static boolean mayThrow(Method method, Class<?> failure) {
        return Arrays.stream(method.getExceptionTypes()).anyMatch(type -> type.isAssignableFrom(failure));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return ofObject(proxy, method, arguments);
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(provider.loader());
        try {
            Object result = method.invoke(target, arguments);
            return result instanceof ObjectWriter writer && method.getReturnType() == ObjectWriter.class
                    ? guard(ObjectWriter.class, writer, provider)
                    : result;
        } catch (InvocationTargetException e) {
            throw told(method, e.getTargetException());
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private Throwable told(Method method, Throwable thrown) {
        if (thrown instanceof OutOfMemoryError
                || thrown instanceof UncheckedIOException
                || thrown instanceof SinkFailureException
                || (thrown instanceof Exception
                        && !(thrown instanceof RuntimeException)
                        && mayThrow(method, thrown.getClass()))) {
            return thrown;
        }
        BackupException failure = provider.failure(thrown);
        return mayThrow(method, BackupException.class) ? failure : new UncheckedIOException(failure);
    }

    private @Nullable Object ofObject(Object proxy, Method method, Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> provider.description();
        };
    }
}
