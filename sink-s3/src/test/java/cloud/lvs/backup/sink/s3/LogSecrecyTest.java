package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.hangUp;
import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.refuse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.ObjectKey;
import cloud.lvs.backup.spi.ObjectWriter;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Usage.Scope;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Everything that is logged and told, in the greatest detail there is, while a sink with temporary keys does its work. */
@Timeout(300)
class LogSecrecyTest {
    private static final ObjectKey KEY = new ObjectKey("a");
    private static final String TOKEN = "scripted-session-token-77c0";
    /** It logs what it signs at debug level, session token included; so the runner shows only its warnings. */
    private static final String SIGNING = "software.amazon.awssdk.http.auth";

    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final Logger signing = (Logger) LoggerFactory.getLogger(SIGNING);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;

    @BeforeEach
    void listen() {
        log.start();
        root.addAppender(log);
        root.setLevel(Level.TRACE);
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void listenNoMore() {
        System.setOut(out);
        System.setErr(err);
        root.setLevel(Level.OFF);
        signing.setLevel(null);
        root.detachAppender(log);
    }

    @Test
    void noCredentialIsLoggedPrintedOrTold() throws Exception {
        signing.setLevel(Level.WARN);
        List<String> told = work();

        List<String> logged = logged();
        assertThat(logged).as("the work is logged in detail").hasSizeGreaterThan(100);
        assertThat(told).as("failures").hasSizeGreaterThan(2);
        logged.addAll(told);
        logged.add(printed.toString(StandardCharsets.UTF_8));
        assertThat(logged)
                .allSatisfy(text -> assertThat(text)
                        .doesNotContain(ScriptedStore.SECRET)
                        .doesNotContain(TOKEN)
                        .doesNotContain("Signature="));
    }

    /** If this fails the SDK has mended it, and the runner's limit can go. */
    @Test
    void theSdkLogsTheSessionTokenWhereTheRunnerDoesNotShowIt() throws Exception {
        work();

        assertThat(log.list)
                .filteredOn(event -> event.getFormattedMessage().contains(TOKEN))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(event.getLoggerName()).startsWith(SIGNING + "."));
    }

    private static List<String> work() throws Exception {
        List<String> told = new ArrayList<>();
        try (ScriptedStore store = new ScriptedStore();
                S3Sink sink = TestSinks.of(
                        store.config().sessionToken(new Secret(TOKEN)).build())) {
            write(sink, 10);
            write(sink, 6 << 20);
            sink.createIfAbsent(new ObjectKey("b"), new byte[4]);
            try (InputStream in = sink.open(KEY)) {
                in.readNBytes(1);
            }
            try (Stream<?> all = sink.list("")) {
                assertThat(all).hasSize(2);
            }
            sink.usage(Scope.ALL);
            sink.diagnose().forEach(check -> told.add(check.toString()));
            sink.delete(List.of(KEY));
            for (String code : List.of("SignatureDoesNotMatch", "InvalidAccessKeyId", "ExpiredToken", "AccessDenied")) {
                store.on(Operation.LIST, hangUp(), refuse(503, "SlowDown"), refuse(403, code));
                Throwable failure = catchThrowable(() -> sink.list("").count());
                StringWriter trace = new StringWriter();
                failure.printStackTrace(new PrintWriter(trace));
                told.add(trace.toString());
            }
        }
        return told;
    }

    private List<String> logged() {
        List<String> texts = new ArrayList<>();
        for (ILoggingEvent event : List.copyOf(log.list)) {
            texts.add(event.getLoggerName() + " " + event.getFormattedMessage()
                    + (event.getThrowableProxy() == null
                            ? ""
                            : ThrowableProxyUtil.asString(event.getThrowableProxy())));
        }
        return texts;
    }

    private static void write(S3Sink sink, int size) throws Exception {
        try (ObjectWriter writer = sink.create(KEY, Map.of())) {
            writer.body().write(new byte[size]);
            writer.commit();
        }
    }
}
