package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Default;
import cloud.lvs.backup.spi.Matches;
import cloud.lvs.backup.spi.Range;
import cloud.lvs.backup.spi.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConfigurationRecordTest {
    enum Check {
        QUICK,
        VERY_THOROUGH
    }

    record Server(String host, @Default("5432") int port) {}

    record Everything(
            Path directory,
            @Default("*") String include,
            @Default("8") @Range(min = "1", max = "16") int rings,
            @Default("true") boolean sync,
            @Default("1h") Duration timeout,
            @Default("64MiB") ByteSize part,
            @Default("very-thorough") Check check,
            @Default("[]") List<String> exclude,
            @Default("[a, b]") List<String> schemas,
            @Default("{}") Map<String, String> tags,
            @Nullable Secret password,
            @Nullable Server server,

            @Default("x1") @Matches(value = "[a-z][0-9]", expects = "a letter and a digit")
            String code) {
        Everything {
            if (include.equals("refused")) {
                throw new IllegalArgumentException("include cannot be refused");
            }
        }
    }

    private static Everything of(Map<String, ?> values) {
        return ConfigurationRecord.of(Everything.class, values);
    }

    @Test
    void whatIsNotGivenHasItsDefault() {
        assertThat(of(Map.of("directory", Path.of("/etc"))))
                .isEqualTo(new Everything(
                        Path.of("/etc"),
                        "*",
                        8,
                        true,
                        Duration.ofHours(1),
                        ByteSize.parse("64MiB"),
                        Check.VERY_THOROUGH,
                        List.of(),
                        List.of("a", "b"),
                        Map.of(),
                        null,
                        null,
                        "x1"));
    }

    @Test
    void valuesAreOfTheirOwnTypeOrTextsAsInAFile() {
        Everything record = of(Map.of(
                "directory",
                "/srv",
                "rings",
                3,
                "timeout",
                "90s",
                "check",
                "quick",
                "password",
                new Secret("geheim"),
                "exclude",
                List.of("x"),
                "server",
                Map.of("host", "db")));

        assertThat(record.directory()).isEqualTo(Path.of("/srv"));
        assertThat(record.rings()).isEqualTo(3);
        assertThat(record.timeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(record.check()).isEqualTo(Check.QUICK);
        assertThat(record.exclude()).containsExactly("x");
        assertThat(record.server()).isEqualTo(new Server("db", 5432));
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> of(Map.of())).hasMessage("Everything needs 'directory'");
        assertThatThrownBy(() -> with("inclde", "x"))
                .hasMessageContaining("has no 'inclde'; it has directory, include");
        assertThatThrownBy(() -> with("rings", "many")).hasMessageContaining("'rings' expects a int");
        assertThatThrownBy(() -> with("rings", 17)).hasMessage("'rings' expects at least 1 and at most 16");
        assertThatThrownBy(() -> with("rings", 3L)).hasMessageContaining("not a Long");
        assertThatThrownBy(() -> with("code", "11")).hasMessage("'code' expects a letter and a digit");
        assertThatThrownBy(() -> with("include", "refused")).hasMessage("include cannot be refused");
        assertThatThrownBy(() -> with("server", Map.of("port", 1))).hasMessage("Server needs 'host'");
    }

    @Test
    void aTextThatDoesNotFitIsNotShown() {
        assertThatThrownBy(() -> with("timeout", "hunter2-secret"))
                .hasMessageNotContaining("hunter2")
                .hasNoCause();
    }

    private static void with(String name, Object value) {
        of(Map.of("directory", "/etc", name, value));
    }
}
