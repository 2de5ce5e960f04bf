package cloud.lvs.backup.kit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Map;
import java.util.TreeMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What JUnit makes of a contract.
 *
 * @param failed the tests that failed, and why
 * @param aborted the tests that were skipped by an assumption, and which
 */
record JUnitRun(Map<String, Throwable> failed, Map<String, Throwable> aborted) {
    static JUnitRun of(Class<?> contract) {
        JUnitRun run = new JUnitRun(new TreeMap<>(), new TreeMap<>());
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(contract))
                                .build(),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                result.getThrowable().ifPresent(thrown -> run.keep(test, result, thrown));
                            }
                        });
        return run;
    }

    private void keep(TestIdentifier test, TestExecutionResult result, Throwable thrown) {
        boolean skipped = result.getStatus() == TestExecutionResult.Status.ABORTED;
        (skipped ? aborted : failed).put(test.getDisplayName(), thrown);
    }
}
