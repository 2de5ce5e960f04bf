package cloud.lvs.backup.runner.plugin;

import cloud.lvs.backup.spi.BackupException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Calls what a plugin made with the plugin's class loader as the context class loader. */
final class PluginCalls implements InvocationHandler {
    private final Object target;
    private final Registered provider;

    private PluginCalls(Object target, Registered provider) {
        this.target = target;
        this.provider = provider;
    }

    /** {@code target} itself if it is built in. */
    static <T> T guard(Class<T> spi, T target, Registered provider) {
        if (provider.loader() == PluginCalls.class.getClassLoader()) {
            return target;
        }
        return spi.cast(Proxy.newProxyInstance(
                PluginCalls.class.getClassLoader(), new Class<?>[] {spi}, new PluginCalls(target, provider)));
    }

    private static boolean mayThrow(Method method) {
        return Arrays.stream(method.getExceptionTypes()).anyMatch(type -> type.isAssignableFrom(BackupException.class));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(provider.loader());
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            Throwable thrown = e.getTargetException();
            if (thrown instanceof LinkageError broken) {
                BackupException failure = provider.broken(broken);
                throw mayThrow(method) ? failure : new UncheckedIOException(failure);
            }
            throw thrown;
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
