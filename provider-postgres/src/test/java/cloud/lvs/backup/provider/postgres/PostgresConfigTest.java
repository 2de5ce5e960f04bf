package cloud.lvs.backup.provider.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.postgres.PostgresConfig.SplitTables;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PostgresConfigTest {
    private static Arguments wrong(String message, UnaryOperator<PostgresConfigBuilder> change) {
        return Arguments.of(message, change);
    }

    static Stream<Arguments> mistakes() {
        SplitTables split = new SplitTables(new ByteSize(1), 2);
        return Stream.of(
                wrong("port must be between 1 and 65535, was 0", config -> config.port(0)),
                wrong("user must not be empty", config -> config.user("")),
                wrong("include must not be empty", config -> config.include("")),
                wrong(
                        "password and passwordFile exclude each other; remove one",
                        config -> config.password(new Secret("a")).passwordFile(Path.of("/b"))),
                wrong(
                        "sslRootCert is needed to check the server's certificate with sslMode verify-full",
                        config -> config.sslMode(PostgresConfig.SslMode.VERIFY_FULL)),
                wrong("parallelism must be between 1 and 256, was 0", config -> config.parallelism(0)),
                wrong(
                        "lockWaitTimeout must be between 1 millisecond and 24 days, was PT0S",
                        config -> config.lockWaitTimeout(Duration.ZERO)),
                wrong("timeout must be positive, was PT0S", config -> config.timeout(Duration.ZERO)),
                wrong(
                        "splitTables needs format custom; remove it or format",
                        config -> config.splitTables(split).format(PostgresConfig.Format.PLAIN)),
                wrong(
                        "splitTables needs layout databases: pg_dumpall, which makes layout cluster, cannot do it",
                        config -> config.splitTables(split).layout(PostgresConfig.Layout.CLUSTER)),
                wrong(
                        "excludeTableData needs layout databases: pg_dumpall, which makes layout cluster, cannot do it",
                        config -> config.excludeTableData("a.b.c").layout(PostgresConfig.Layout.CLUSTER)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void refusesWhatCannotWorkAndNamesTheKey(String message, UnaryOperator<PostgresConfigBuilder> change) {
        PostgresConfigBuilder config = change.apply(PostgresConfig.at("db"));

        assertThatThrownBy(config::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void refusesASplitThatIsNone() {
        assertThatThrownBy(() -> new SplitTables(new ByteSize(1), 1))
                .hasMessage("splitTables.parts must be at least 2, was 1");
    }

    @Test
    void neverShowsThePassword() {
        assertThat(PostgresConfig.at("db")
                        .password(new Secret("hidden"))
                        .build()
                        .toString())
                .doesNotContain("hidden");
    }
}
