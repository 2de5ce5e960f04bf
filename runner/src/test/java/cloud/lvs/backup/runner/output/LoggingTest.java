package cloud.lvs.backup.runner.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.report.Redactions;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LoggingTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Redactions redactions = new Redactions();
    private final Console console = new Console(new PrintStream(err, true, StandardCharsets.UTF_8), redactions);

    @Test
    void showsWhatLibrariesLogWithoutTheSecretsItKnows() {
        redactions.add("known-secret-31");
        console.showLogs(Level.DEBUG);

        LoggerFactory.getLogger("software.amazon.awssdk.request").debug("sent with known-secret-31");

        assertThat(err.toString(StandardCharsets.UTF_8)).contains("sent with").doesNotContain("known-secret-31");
    }

    @Test
    void writesWhatLibrariesLogAsJsonWithItsTimeAndLogger() throws Exception {
        redactions.add("known-secret-33");
        console.useJson();
        console.showLogs(Level.WARN);

        LoggerFactory.getLogger("org.example.Client")
                .warn("sent \"{}\"\u202e", "known-secret-33", new IOException("no"));
        LoggerFactory.getLogger("org.example.Client").info("quiet");
        console.say(new LogFields("pg", "capture", ""), "job pg: capture");

        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(2);
        JsonNode library = new ObjectMapper().readTree(lines.get(0));
        assertThat(library.get("logger").asText()).isEqualTo("org.example.Client");
        assertThat(library.get("level").asText()).isEqualTo("WARN");
        assertThat(library.get("message").asText()).isEqualTo("sent \"***\"\u202e");
        assertThat(library.get("error").asText())
                .startsWith("java.io.IOException: no")
                .contains("\tat ");
        assertThat(Instant.parse(library.get("time").asText()))
                .isCloseTo(TestTime.machine().instant(), within(1, ChronoUnit.HOURS));
        JsonNode own = new ObjectMapper().readTree(lines.get(1));
        assertThat(own.properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("time", "level", "job", "stage", "message");
        assertThat(lines.get(0)).doesNotContain("\u202e");
    }

    @Test
    void theSigningOfTheAwsSdkIsNotShownInDetail() {
        console.showLogs(Level.DEBUG);

        LoggerFactory.getLogger("software.amazon.awssdk.http.auth.aws.internal.signer.DefaultV4RequestSigner")
                .debug("AWS4 Canonical Request: x-amz-security-token:unknown-secret-32");

        assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("unknown-secret-32");
    }
}
