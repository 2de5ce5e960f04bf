package cloud.lvs.backup.provider.k3s.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfiguredTokensTest {
    private static final ServerToken RESTORED =
            ServerToken.parse(("K10" + "a".repeat(64) + "::server:pass").getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path host;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "K3S_TOKEN=other",
                "export K3S_TOKEN='other'",
                "Environment=\"K3S_TOKEN=other\"",
                "K3S_TOKEN_FILE=/etc/token",
                "token: other",
                "token: K10::server:other # mine",
                "token-file: /etc/token",
                "ExecStart=/usr/local/bin/k3s server --token other",
                "ExecStart=/usr/local/bin/k3s server --token=other --disable traefik",
                "    '--token' \\",
                "ExecStart=/usr/local/bin/k3s server --token-file /etc/token"
            })
    void advisesOnATokenThatMayBeAnother(String line) throws Exception {
        write(line);

        assertThat(ConfiguredTokens.advice(host, RESTORED))
                .singleElement()
                .satisfies(advice -> assertThat(advice).contains("k3s.service").doesNotContain("server:other"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "K3S_TOKEN=pass",
                "K3S_TOKEN=",
                "token: 'pass'",
                "ExecStart=/usr/local/bin/k3s server --token pass --disable traefik",
                "# K3S_TOKEN=other",
                "  # --token-file /etc/token",
                "agent-token: other",
                "K3S_AGENT_TOKEN=other",
                "ExecStart=/usr/local/bin/k3s server --agent-token other",
                "disable: traefik"
            })
    void isSilentAboutEverythingElse(String line) throws Exception {
        write(line);

        assertThat(ConfiguredTokens.advice(host, RESTORED)).isEmpty();
    }

    @Test
    void looksIntoDropInDirectories() throws Exception {
        Path dropIn = Files.createDirectories(host.resolve("etc/rancher/k3s/config.yaml.d"));
        Files.writeString(dropIn.resolve("10-token.yaml"), "token: other\n");

        assertThat(ConfiguredTokens.advice(host, RESTORED)).hasSize(1);
    }

    private void write(String line) throws Exception {
        Path unit = Files.createDirectories(host.resolve("etc/systemd/system")).resolve("k3s.service");
        Files.writeString(unit, "# a unit\n" + line + "\n");
    }
}
