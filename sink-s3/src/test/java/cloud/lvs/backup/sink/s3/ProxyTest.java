package cloud.lvs.backup.sink.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.sink.s3.scripted.Ingress;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.StoredObject;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProxyTest {
    @Test
    void theProxyIsNamedWhenItAnswersForTheStore() throws Exception {
        try (ScriptedStore store = new ScriptedStore();
                Ingress proxy = new Ingress(store, Ingress.answering("502 Bad Gateway"));
                S3Sink sink = sink(store, Map.of("HTTP_PROXY", "http://me:hush@" + proxy.address()))) {
            assertThatThrownBy(() -> list(sink))
                    .isInstanceOf(UncheckedIOException.class)
                    .cause()
                    .isInstanceOfSatisfying(BackupException.class, failure -> {
                        assertThat(failure.getMessage()).contains(" through proxy " + proxy.address() + ": ", "502");
                        assertThat(failure.remedy()).contains("look at the proxy", "NO_PROXY");
                        assertThat(failure.getMessage() + failure.remedy()).doesNotContain("hush");
                    });
            assertThat(sink.diagnose())
                    .singleElement()
                    .satisfies(check -> assertThat(check.detail())
                            .contains("through proxy " + proxy.address(), "look at the proxy"));
            assertThat(store.seen).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.0/8", "127.0.0.1", "*"})
    void nothingGoesThroughAProxyThatIsNotMeantForTheStore(String exempt) throws Exception {
        try (ScriptedStore store = new ScriptedStore();
                Ingress proxy = new Ingress(store, Ingress.answering("502 Bad Gateway"));
                S3Sink sink = sink(store, Map.of("http_proxy", proxy.endpoint(), "no_proxy", exempt))) {
            assertThat(list(sink)).isEmpty();
            assertThat(transport(sink)).doesNotContain("proxy");
            assertThat(proxy.seen).isEmpty();
        }
    }

    @Test
    void doctorNamesTheProxyThatIsInTheWay() throws Exception {
        try (ScriptedStore store = new ScriptedStore();
                Ingress proxy = new Ingress(store, (request, client) -> java.util.Optional.of(request));
                S3Sink sink = sink(store, Map.of("HTTP_PROXY", proxy.endpoint()))) {
            assertThat(transport(sink)).contains("plain http through proxy " + proxy.address());
            assertThat(proxy.seen).isNotEmpty();
        }
    }

    @Test
    void aProxyThatIsNotThereIsToldAsSuch() throws Exception {
        String closed;
        try (ServerSocket free = new ServerSocket(0)) {
            closed = "127.0.0.1:" + free.getLocalPort();
        }
        try (ScriptedStore store = new ScriptedStore();
                S3Sink sink = sink(store, Map.of("HTTP_PROXY", closed))) {
            assertThatThrownBy(() -> list(sink)).cause().isInstanceOfSatisfying(BackupException.class, failure -> {
                assertThat(failure.problem()).contains("the proxy before it cannot be reached");
                assertThat(failure.target()).contains(closed);
                assertThat(failure.remedy()).contains("HTTP_PROXY", "NO_PROXY");
            });
        }
    }

    /** For https the proxy is asked for a way through. */
    @ParameterizedTest
    @ValueSource(strings = {"407 Proxy Authentication Required", "403 Forbidden"})
    void aProxyThatDoesNotLetAnyoneThroughIsFoundOutSoon(String status) throws Exception {
        try (ScriptedStore store = new ScriptedStore();
                Ingress proxy = new Ingress(store, Ingress.answering(status));
                S3Sink sink = (S3Sink) new S3SinkProvider(Map.of("HTTPS_PROXY", proxy.endpoint())::get)
                        .create(
                                store.config()
                                        .endpoint("https://store.invalid")
                                        .patience(Duration.ofMinutes(10))
                                        .build(),
                                new TestProviderContext(Path.of("target")))) {
            assertThatThrownBy(() -> list(sink)).cause().isInstanceOfSatisfying(BackupException.class, failure -> {
                assertThat(failure.problem()).contains("the proxy does not connect to it");
                assertThat(failure.target()).contains(proxy.address());
            });
        }
    }

    private static S3Sink sink(ScriptedStore store, Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        return (S3Sink) new S3SinkProvider(variables::get)
                .create(store.config().build(), new TestProviderContext(Path.of("target")));
    }

    private static List<StoredObject> list(S3Sink sink) {
        try (Stream<StoredObject> listing = sink.list("")) {
            return listing.toList();
        }
    }

    private static String transport(S3Sink sink) throws InterruptedException {
        return sink.diagnose().stream()
                .filter(check -> check.name().equals("transport"))
                .map(Check::detail)
                .findFirst()
                .orElseThrow();
    }
}
