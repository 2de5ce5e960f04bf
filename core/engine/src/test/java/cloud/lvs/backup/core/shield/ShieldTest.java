package cloud.lvs.backup.core.shield;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.InMemorySink;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.job.NamedSink;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Sink;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Clean-up is called without a pending interrupt, all else with it, and nothing is forgotten. */
class ShieldTest {
    private static final List<String> CLEAN_UP = List.of("close", "delete", "discard", "abandon");

    private final List<String> interrupted = new ArrayList<>();
    private final List<String> called = new ArrayList<>();

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    static Stream<Class<?>> shielded() {
        return Stream.of(Sink.class, ObjectWriter.class, Source.class);
    }

    private <T> T noting(Class<T> spi) {
        return spi.cast(Proxy.newProxyInstance(
                ShieldTest.class.getClassLoader(), new Class<?>[] {spi}, (proxy, method, arguments) -> {
                    if (method.getName().equals("toString")) {
                        return "the noting one";
                    }
                    called.add(signature(method));
                    if (Thread.currentThread().isInterrupted()) {
                        interrupted.add(method.getName());
                    }
                    return method.getReturnType() == boolean.class ? false : null;
                }));
    }

    private Object shieldOver(Class<?> spi) {
        if (spi == Sink.class) {
            return ShieldedSink.over(noting(Sink.class));
        }
        return spi == Source.class
                ? new ShieldedSource(noting(Source.class))
                : new ShieldedWriter(noting(ObjectWriter.class));
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    private static List<Method> methods(Class<?> spi) {
        return Arrays.stream(spi.getMethods())
                .filter(method -> spi != Source.class || method.getDeclaringClass() != AutoCloseable.class)
                .toList();
    }

    /** What the noting one gives is null, which is told where something has to be given. */
    private static void invoke(Object shield, Method method) throws Exception {
        try {
            method.invoke(shield, new Object[method.getParameterCount()]);
            assertThat(method.getReturnType().isPrimitive())
                    .as(method.getName() + " may give null")
                    .isTrue();
        } catch (InvocationTargetException e) {
            Throwable told = e.getTargetException();
            assertThat(told instanceof UncheckedIOException unchecked ? unchecked.getCause() : told)
                    .isInstanceOf(BackupException.class)
                    .hasMessage("the noting one: its " + method.getName() + "() gave null");
        }
    }

    @ParameterizedTest
    @MethodSource("shielded")
    void onlyCleanUpIsShieldedAndEveryCallArrives(Class<?> spi) throws Exception {
        Object shield = shieldOver(spi);
        List<String> expected = new ArrayList<>();
        for (Method method : methods(spi)) {
            Thread.currentThread().interrupt();
            invoke(shield, method);
            assertThat(Thread.currentThread().isInterrupted())
                    .as("still interrupted after " + method)
                    .isTrue();
            expected.add(signature(method));
        }

        assertThat(called).containsExactlyElementsOf(expected);
        assertThat(interrupted)
                .containsExactlyElementsOf(methods(spi).stream()
                        .map(Method::getName)
                        .filter(name -> !CLEAN_UP.contains(name))
                        .toList());
    }

    @Test
    void whatCleanUpThrowsPassesAndTheInterruptIsKept() {
        ObjectWriter failing = (ObjectWriter) Proxy.newProxyInstance(
                ShieldTest.class.getClassLoader(), new Class<?>[] {ObjectWriter.class}, (proxy, method, arguments) -> {
                    throw new IOException("gone");
                });
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> new ShieldedWriter(failing).close()).hasMessage("gone");
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @Test
    void aThreadThatWasNotInterruptedIsNotAfterwards() {
        new ShieldedSource(noting(Source.class)).close();

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void aListWithNullInItIsNoInventory() {
        Source source = new ShieldedSource((Source) Proxy.newProxyInstance(
                ShieldTest.class.getClassLoader(),
                new Class<?>[] {Source.class},
                (proxy, method, arguments) ->
                        method.getName().equals("toString") ? "the odd one" : Arrays.asList((Object) null)));

        assertThatThrownBy(() -> source.inventory(new TestRunContext()))
                .hasMessage("the odd one: its inventory() gave a list with null in it");
    }

    @Test
    void whatASinkMustNotThrowIsItsOwnFailureWhoeverCalls() {
        InMemorySink closed = new InMemorySink(TestTime.machine());
        closed.close();

        assertThatThrownBy(() -> ShieldedSink.over(closed).stat(new ObjectKey("a")))
                .isInstanceOf(BackupException.class)
                .hasMessage("sink cloud.lvs.backup.contract.InMemorySink: its stat() failed: IllegalStateException: the"
                        + " sink is closed");
    }

    @Test
    void namesOfOneSinkAreEqualAndShieldItOnce() {
        Sink sink = new InMemorySink(TestTime.machine());
        NamedSink named = new NamedSink("main", sink);

        assertThat(named).isEqualTo(new NamedSink("main", sink)).isEqualTo(new NamedSink("main", named.sink()));
        assertThat(named).isNotEqualTo(new NamedSink("main", new InMemorySink(TestTime.machine())));
    }
}
