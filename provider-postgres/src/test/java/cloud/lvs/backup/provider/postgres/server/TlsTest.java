package cloud.lvs.backup.provider.postgres.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfig.SslMode;
import cloud.lvs.backup.provider.postgres.PostgresConfigBuilder;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with a certificate for {@code localhost}: driver and programs have to agree whether it is the right one. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsTest {
    private TestCluster cluster;
    private Path certificate;

    @TempDir
    Path temporary = Path.of("");

    private CaptureBench bench;

    @BeforeAll
    void startCluster() throws Exception {
        cluster = TestCluster.running();
        Path directory = cluster.newDirectory("tls");
        certificate = directory.resolve("server.crt");
        selfSigned(directory, "server");
        cluster.execute(
                "postgres",
                "ALTER SYSTEM SET ssl_cert_file = '" + certificate + "'",
                "ALTER SYSTEM SET ssl_key_file = '" + directory.resolve("server.key") + "'",
                "ALTER SYSTEM SET ssl = on");
        cluster.restart(TestCluster.StopMode.FAST);
    }

    /** A certificate that vouches for itself, owned like its directory. */
    private static void selfSigned(Path directory, String name) throws Exception {
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "rsa:2048",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=localhost",
                        "-addext",
                        "subjectAltName=DNS:localhost",
                        "-keyout",
                        directory.resolve(name + ".key").toString(),
                        "-out",
                        directory.resolve(name + ".crt").toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(openssl.waitFor()).as(said).isZero();
        for (String file : new String[] {name + ".key", name + ".crt"}) {
            Files.setOwner(directory.resolve(file), Files.getOwner(directory));
        }
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void makeScratch() throws IOException {
        bench = new CaptureBench(cluster, Files.createDirectories(temporary.resolve("scratch")));
    }

    private PostgresConfigBuilder config(String host) {
        return PostgresConfig.at(host).port(cluster.port()).include("postgres");
    }

    @Test
    void theRightServerIsCapturedUnderFullVerification() {
        PostgresConfig config = config("localhost")
                .sslMode(SslMode.VERIFY_FULL)
                .sslRootCert(certificate)
                .build();

        RunReport report = bench.engineRun(config);

        assertThat(report.failures()).isEmpty();
        assertThat(report.artifacts()).hasSize(2);
    }

    @Test
    void saysHowTheServerIsReached() throws Exception {
        try (Source source = bench.source(config("localhost").build())) {
            assertThat(source.preflight(bench.run))
                    .extracting(Finding::problem)
                    .anyMatch(text -> text.endsWith("reached over TLSv1.3"));
        }
    }

    @Test
    void anotherNameThanThatOfTheCertificateIsRefused() {
        assertRefused(config("127.0.0.1")
                .sslMode(SslMode.VERIFY_FULL)
                .sslRootCert(certificate)
                .build());
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        selfSigned(temporary, "other");

        assertRefused(config("localhost")
                .sslMode(SslMode.VERIFY_CA)
                .sslRootCert(temporary.resolve("other.crt"))
                .build());
    }

    private void assertRefused(PostgresConfig config) {
        assertThatThrownBy(() -> {
                    try (Source source = bench.source(config)) {
                        source.preflight(bench.run);
                    }
                })
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.SOURCE);
                    assertThat(e.problem()).startsWith("refuses TLS or does not prove itself over it (sslMode verify-");
                    assertThat(e.remedy()).contains("sslRootCert");
                });
    }
}
