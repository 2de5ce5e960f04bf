package cloud.lvs.backup.runner.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
    void theSigningOfTheAwsSdkIsNotShownInDetail() {
        console.showLogs(Level.DEBUG);

        LoggerFactory.getLogger("software.amazon.awssdk.http.auth.aws.internal.signer.DefaultV4RequestSigner")
                .debug("AWS4 Canonical Request: x-amz-security-token:unknown-secret-32");

        assertThat(err.toString(StandardCharsets.UTF_8)).doesNotContain("unknown-secret-32");
    }
}
