package cloud.lvs.backup.sink.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ServerIdentity;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.Sink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Whom the sink believes to be its store, and how it speaks with it. */
@Timeout(300)
class TlsTest {
    private static final ObjectKey KEY = new ObjectKey("a");

    @TempDir
    static Path directory = Path.of("");

    private static ServerIdentity here;
    private static ServerIdentity elsewhere;

    @BeforeAll
    static void makeCertificates() throws Exception {
        here = ServerIdentity.make(directory, "here", "ip:127.0.0.1");
        elsewhere = ServerIdentity.make(directory, "elsewhere", "dns:elsewhere.example");
    }

    private static S3SinkConfigBuilder trusting(ScriptedStore store, ServerIdentity identity) {
        return store.config().caCertificate(identity.certificate());
    }

    @Test
    void believesAnAuthorityOfItsOwn() throws Exception {
        try (ScriptedStore store = ScriptedStore.over(here.tls());
                S3Sink sink = TestSinks.of(trusting(store, here).build())) {
            store.keep("a", new byte[5]);

            assertThat(sink.stat(KEY)).isPresent();
            assertThat(sink.diagnose())
                    .filteredOn(check -> check.name().equals("transport"))
                    .singleElement()
                    .satisfies(check -> assertThat(check.detail()).startsWith("https"));
        }
    }

    @Test
    void believesTheAuthorityOfLonghornsSecret() throws Exception {
        String pem = Files.readString(here.certificate());
        try (ScriptedStore store = ScriptedStore.over(here.tls());
                Sink sink = sinkWith(pem, store)) {
            store.keep("a", new byte[5]);

            assertThat(sink.stat(KEY)).isPresent();
        }
    }

    @Test
    void saysThatLonghornsSecretHoldsNoCertificateWithoutRepeatingIt() throws Exception {
        try (ScriptedStore store = ScriptedStore.over(here.tls());
                Sink sink = sinkWith("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----", store)) {
            assertThatThrownBy(() -> sink.stat(KEY))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFIG))
                    .hasMessageContaining("AWS_CERT")
                    .hasMessageNotContaining("c2VjcmV0")
                    .hasNoCause();
        }
    }

    @Test
    void theCustomersKeyGoesWithEveryRequestForAnObjectAndNoOther() throws Exception {
        Path keyFile = Files.write(directory.resolve("customer.key"), new byte[32]);
        Set<Operation> bearing = EnumSet.noneOf(Operation.class);
        Set<Operation> bare = EnumSet.noneOf(Operation.class);
        try (ScriptedStore store = ScriptedStore.over(here.tls());
                S3Sink sink = TestSinks.of(
                        trusting(store, here).customerKeyFile(keyFile).build())) {
            for (Operation operation : Operation.values()) {
                store.always(operation, call -> {
                    boolean bears = call.exchange()
                            .getRequestHeaders()
                            .containsKey("x-amz-server-side-encryption-customer-key");
                    synchronized (bearing) {
                        (bears ? bearing : bare).add(call.operation());
                    }
                    call.properly();
                });
            }

            TestObjects.put(sink, "a", TestObjects.random(TestObjects.LARGE));
            TestObjects.read(sink, "a");
            sink.createIfAbsent(new ObjectKey("b"), new byte[1]);
            TestObjects.keys(sink);
            sink.delete(List.of(KEY));
        }

        assertThat(bearing)
                .containsExactlyInAnyOrder(
                        Operation.PUT, Operation.BEGIN, Operation.PART, Operation.HEAD, Operation.GET);
        assertThat(bare).doesNotContainAnyElementsOf(bearing).contains(Operation.COMPLETE, Operation.LIST);
    }

    /** Apart from what the SDK signs, which the runner does not show either: see {@link LogSecrecyTest}. */
    @Test
    void theCustomersKeyIsNotLogged() throws Exception {
        byte[] key = TestObjects.random(32);
        Path keyFile = Files.write(directory.resolve("logged.key"), key);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Logger signing = (Logger) LoggerFactory.getLogger("software.amazon.awssdk.http.auth");
        log.start();
        root.addAppender(log);
        root.setLevel(Level.TRACE);
        signing.setLevel(Level.WARN);
        try (ScriptedStore store = ScriptedStore.over(here.tls());
                S3Sink sink = TestSinks.of(
                        trusting(store, here).customerKeyFile(keyFile).build())) {
            TestObjects.put(sink, "a", TestObjects.random(TestObjects.LARGE));
            TestObjects.read(sink, "a");
            assertThat(sink.diagnose())
                    .noneMatch(check -> check.status() == Check.Status.FAILED)
                    .noneMatch(
                            check -> check.detail().contains(Base64.getEncoder().encodeToString(key)));
        } finally {
            root.setLevel(Level.OFF);
            signing.setLevel(null);
            root.detachAppender(log);
        }

        assertThat(List.copyOf(log.list))
                .hasSizeGreaterThan(100)
                .noneMatch(event ->
                        event.getFormattedMessage().contains(Base64.getEncoder().encodeToString(key)));
    }

    private static Sink sinkWith(String certificate, ScriptedStore store) {
        return new S3SinkProvider(Map.of("AWS_CERT", certificate)::get)
                .create(store.config().build(), new TestProviderContext(directory));
    }

    @Test
    void doesNotBelieveAnAuthorityItDoesNotKnow() throws Exception {
        try (ScriptedStore store = ScriptedStore.over(here.tls());
                S3Sink sink = TestSinks.of(
                        store.config().patience(Duration.ofMinutes(10)).build())) {
            assertRefused(sink, store).satisfies(e -> assertThat(e.remedy()).contains("caCertificate"));
        }
    }

    @Test
    void doesNotBelieveACertificateForAnotherHost() throws Exception {
        try (ScriptedStore store = ScriptedStore.over(elsewhere.tls());
                S3Sink sink = TestSinks.of(trusting(store, elsewhere)
                        .patience(Duration.ofMinutes(10))
                        .build())) {
            assertRefused(sink, store)
                    .satisfies(e -> assertThat(e.remedy()).contains("its certificate names that host"));
        }
    }

    /** At once: repeating does not make a certificate valid, however patient the sink is. */
    private static AbstractThrowableAssert<?, BackupException> assertRefused(S3Sink sink, ScriptedStore store) {
        var thrown = assertThatThrownBy(() -> sink.stat(KEY))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.throwable(BackupException.class))
                .hasMessageContaining("no trusted TLS connection to it can be made")
                .hasMessageContaining("bucket bucket at https://127.0.0.1")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.SINK));
        assertThat(store.seen).as("nothing was sent").isEmpty();
        return thrown;
    }

    @Test
    void aHandshakeThatIsNeverAnsweredEndsInTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                S3Sink sink = TestSinks.of(S3SinkConfig.builder("bucket")
                        .endpoint("https://127.0.0.1:" + silent.getLocalPort())
                        .keys(
                                new cloud.lvs.backup.spi.Secret(ScriptedStore.ID),
                                new cloud.lvs.backup.spi.Secret(ScriptedStore.SECRET))
                        .requestTimeout(Duration.ofSeconds(1))
                        .patience(Duration.ofMinutes(10))
                        .build())) {
            assertThatThrownBy(() -> sink.stat(KEY))
                    .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.throwable(BackupException.class))
                    .hasMessageContaining("did not answer in time")
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.SINK));
        }
    }

    @Test
    void bodiesTravelInRecordsOfFullSize() throws Exception {
        byte[] body = TestObjects.random(TestObjects.LARGE);
        try (ScriptedStore store = ScriptedStore.over(here.tls());
                RecordCounter counter = RecordCounter.before(store);
                S3Sink sink = TestSinks.of(trusting(store, here)
                        .endpoint("https://127.0.0.1:" + counter.port())
                        .build())) {
            TestObjects.put(sink, "a", body);

            assertThat(store.bytes("a")).isEqualTo(body);
            assertThat(counter.largeRecords()).as("a record holds 16 KiB").isGreaterThan(body.length / (16 * 1024) / 2);
        }
    }

    @Test
    void goesThroughAProxyThatIsNamed() throws Exception {
        Properties before = (Properties) System.getProperties().clone();
        try (ServerSocket proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                S3Sink sink = TestSinks.of(S3SinkConfig.builder("bucket")
                        .endpoint("https://store.example")
                        .keys(
                                new cloud.lvs.backup.spi.Secret(ScriptedStore.ID),
                                new cloud.lvs.backup.spi.Secret(ScriptedStore.SECRET))
                        .patience(Duration.ofSeconds(1))
                        .build())) {
            System.setProperty("https.proxyHost", "127.0.0.1");
            System.setProperty("https.proxyPort", Integer.toString(proxy.getLocalPort()));
            CompletableFuture<String> asked = CompletableFuture.supplyAsync(() -> refuseOne(proxy));

            assertThatThrownBy(() -> sink.stat(KEY)).isInstanceOf(BackupException.class);

            assertThat(asked.get(60, TimeUnit.SECONDS)).isEqualTo("CONNECT store.example:443 HTTP/1.1");
        } finally {
            System.setProperties(before);
        }
    }

    private static String refuseOne(ServerSocket proxy) {
        try (proxy;
                Socket client = proxy.accept()) {
            BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
            String asked = in.readLine();
            client.getOutputStream().write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".getBytes(UTF_8));
            return asked;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
