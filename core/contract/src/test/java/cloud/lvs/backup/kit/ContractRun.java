package cloud.lvs.backup.kit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Runs the plain tests of a contract on something that may break it, to see whether the contract notices. */
final class ContractRun {
    private ContractRun() {}

    /** The tests that failed, and why, each run on a contract of its own; {@code temporary} holds their directories. */
    static Map<String, Throwable> failuresOf(Path temporary, Supplier<?> contracts) {
        Map<String, Throwable> failures = new TreeMap<>();
        List<Method> tests = annotated(contracts.get().getClass().getSuperclass(), Test.class);
        for (Method test : tests) {
            failureOf(test, temporary, contracts.get()).ifPresent(failure -> failures.put(test.getName(), failure));
        }
        if (tests.isEmpty()) {
            throw new IllegalStateException(contracts.get().getClass() + " has no tests");
        }
        return failures;
    }

    /** Why one test failed, if it did. */
    static Optional<Throwable> failureOf(String name, Path temporary, Object contract) {
        for (Method test : annotated(contract.getClass().getSuperclass(), Test.class)) {
            if (test.getName().equals(name)) {
                return failureOf(test, temporary, contract);
            }
        }
        throw new IllegalStateException(contract.getClass() + " has no test " + name);
    }

    private static Optional<Throwable> failureOf(Method test, Path temporary, Object contract) {
        Class<?> type = test.getDeclaringClass();
        Throwable failure = null;
        try {
            fillTempDirs(type, contract, temporary);
            for (Method before : annotated(type, BeforeEach.class)) {
                invoke(before, contract);
            }
            invoke(test, contract);
        } catch (TestAbortedException skipped) {
            return Optional.empty();
        } catch (Throwable e) {
            failure = e;
        } finally {
            Thread.interrupted();
        }
        try {
            for (Method after : annotated(type, AfterEach.class)) {
                invoke(after, contract);
            }
        } catch (Throwable e) {
            failure = failure == null ? e : failure;
        }
        return Optional.ofNullable(failure);
    }

    private static List<Method> annotated(Class<?> type, Class<? extends Annotation> annotation) {
        List<Method> found = new ArrayList<>();
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(annotation)) {
                method.setAccessible(true);
                found.add(method);
            }
        }
        return found;
    }

    private static void fillTempDirs(Class<?> type, Object contract, Path temporary) throws Exception {
        for (Field field : type.getDeclaredFields()) {
            if (field.isAnnotationPresent(TempDir.class)) {
                field.setAccessible(true);
                field.set(contract, Files.createTempDirectory(temporary, "contract"));
            }
        }
    }

    private static void invoke(Method method, Object contract) throws Throwable {
        try {
            method.invoke(contract);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
