package cloud.lvs.backup.provider.postgres.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import cloud.lvs.backup.core.report.Failure;
import cloud.lvs.backup.core.report.RunReport;
import cloud.lvs.backup.provider.postgres.PostgresConfig;
import cloud.lvs.backup.provider.postgres.PostgresConfig.SslMode;
import cloud.lvs.backup.provider.postgres.fixture.CaptureBench;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that lets in who shows a certificate of its role: driver and programs take the same keys. */
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientCertificateTest {
    /** How a key lies in its file; each command writes it to {@code KEY}. */
    private enum Form {
        RSA_PKCS1("openssl genrsa -traditional -out KEY 2048"),
        RSA_PKCS8("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out KEY"),
        EC_SEC1("openssl ecparam -name prime256v1 -genkey -noout -out KEY"),
        EC_SEC1_BEHIND_ITS_PARAMETERS("openssl ecparam -name secp384r1 -genkey -out KEY"),
        EC_PKCS8("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY"),
        ED25519("openssl genpkey -algorithm ED25519 -out KEY");

        private final String command;

        Form(String command) {
            this.command = command;
        }
    }

    @TempDir
    Path temporary = Path.of("");

    private TestCluster cluster;
    private Path tls;
    private CaptureBench bench;

    @BeforeAll
    void startCluster() throws Exception {
        cluster = TestCluster.running();
        tls = cluster.newDirectory("tls");
        sh("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt");
        sh("openssl genrsa -out server.key 2048");
        sign("server", "/CN=localhost", "subjectAltName=DNS:localhost");
        Path access = Files.writeString(tls.resolve("pg_hba.conf"), """
                local   all all trust
                hostnossl all all all trust
                hostssl all all all trust clientcert=verify-full
                """);
        for (Path file : List.of(tls.resolve("server.key"), tls.resolve("server.crt"), tls.resolve("ca.crt"), access)) {
            Files.setOwner(file, Files.getOwner(tls));
        }
        Files.setPosixFilePermissions(tls.resolve("server.key"), PosixFilePermissions.fromString("rw-------"));
        cluster.execute(
                "postgres",
                "ALTER SYSTEM SET ssl_cert_file = '" + tls.resolve("server.crt") + "'",
                "ALTER SYSTEM SET ssl_key_file = '" + tls.resolve("server.key") + "'",
                "ALTER SYSTEM SET ssl_ca_file = '" + tls.resolve("ca.crt") + "'",
                "ALTER SYSTEM SET hba_file = '" + access + "'",
                "ALTER SYSTEM SET ssl = on");
        cluster.restart(TestCluster.StopMode.FAST);
    }

    @AfterAll
    void stopCluster() {
        cluster.close();
    }

    @BeforeEach
    void makeScratch() throws IOException {
        bench = new CaptureBench(cluster, Files.createDirectories(temporary.resolve("scratch")));
    }

    private void sh(String command) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", command)
                .directory(tls.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    }

    /** Makes NAME.crt for NAME.key. */
    private void sign(String name, String subject, String extension) throws Exception {
        Files.writeString(tls.resolve("extension"), extension);
        sh("openssl req -new -key " + name + ".key -subj " + subject + " -out request && openssl x509 -req -in request"
                + " -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile extension -out " + name + ".crt");
    }

    /** A new key with its certificate. */
    private Path key(Form form) throws Exception {
        String name = form.name().toLowerCase(java.util.Locale.ROOT);
        sh(form.command.replace("KEY", name + ".key"));
        sign(name, "/CN=postgres", "extendedKeyUsage=clientAuth");
        return tls.resolve(name + ".key");
    }

    private PostgresConfig config(Path certificate, Path key) {
        return PostgresConfig.at("localhost")
                .port(cluster.port())
                .include("postgres")
                .sslMode(SslMode.VERIFY_FULL)
                .sslRootCert(tls.resolve("ca.crt"))
                .clientCertificate(certificate, key)
                .build();
    }

    private PostgresConfig config(Path key) {
        return config(Path.of(key.toString().replace(".key", ".crt")), key);
    }

    /** Doctor and run go in, or both are told the same. */
    private BackupException refusalOf(PostgresConfig config) throws Exception {
        BackupException refusal;
        try (Source source = bench.source(config)) {
            refusal = catchThrowableOfType(BackupException.class, () -> source.preflight(bench.run));
        }
        assertThat(bench.engineRun(config).failures())
                .extracting(Failure::target, Failure::problem, Failure::kind)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(refusal.target(), refusal.problem(), refusal.kind()));
        return refusal;
    }

    private void assertLetsIn(PostgresConfig config) throws Exception {
        try (Source source = bench.source(config)) {
            assertThat(source.preflight(bench.run))
                    .noneMatch(finding -> finding.severity() == cloud.lvs.backup.spi.Finding.Severity.ERROR);
        }
        RunReport report = bench.engineRun(config);
        assertThat(report.failures()).isEmpty();
        assertThat(report.artifacts()).hasSize(2);
    }

    @ParameterizedTest
    @EnumSource
    void takesKeysInEveryFormThatProgramsTake(Form form) throws Exception {
        assertLetsIn(config(key(form)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-------", "r--r-----", "rw-r-----", "rw-r--r--"})
    void takesKeysAsKubernetesMountsThem(String mode) throws Exception {
        Path key = key(Form.EC_SEC1);
        Path volume = Files.createTempDirectory(temporary, "secret");
        Path data = Files.createDirectory(volume.resolve("..2026_11_30"));
        Files.copy(key, data.resolve("tls.key"));
        Files.copy(Path.of(key.toString().replace(".key", ".crt")), data.resolve("tls.crt"));
        Files.setPosixFilePermissions(data.resolve("tls.key"), PosixFilePermissions.fromString(mode));
        Files.createSymbolicLink(volume.resolve("..data"), Path.of("..2026_11_30"));
        for (String name : List.of("tls.key", "tls.crt")) {
            Files.createSymbolicLink(volume.resolve(name), Path.of("..data", name));
        }

        assertLetsIn(config(volume.resolve("tls.crt"), volume.resolve("tls.key")));
    }

    @Test
    void saysThatAKeyIsEncrypted() throws Exception {
        Path key = key(Form.RSA_PKCS8);
        Path certificate = Path.of(key.toString().replace(".key", ".crt"));
        sh("openssl pkcs8 -topk8 -in " + key + " -passout pass:secret -out encrypted8.key");
        sh("openssl rsa -traditional -aes256 -in " + key + " -passout pass:secret -out encrypted1.key");
        for (String name : List.of("encrypted8.key", "encrypted1.key")) {
            BackupException refusal = refusalOf(config(certificate, tls.resolve(name)));

            assertThat(refusal.kind()).isEqualTo(Kind.CONFIG);
            assertThat(refusal).hasMessageStartingWith("client key " + tls.resolve(name) + ": is encrypted, ");
            assertThat(refusal.remedy()).contains("openssl pkey");
        }
    }

    @Test
    void saysWhichFileIsWrong() throws Exception {
        Path key = key(Form.EC_PKCS8);
        Path certificate = Path.of(key.toString().replace(".key", ".crt"));
        Path missing = tls.resolve("missing");
        List<String> said = new ArrayList<>();
        said.add(refusalOf(config(certificate, missing)).getMessage());
        said.add(refusalOf(config(certificate, certificate)).getMessage());
        said.add(refusalOf(config(key, key)).getMessage());
        said.add(refusalOf(config(missing, key)).getMessage());

        assertThat(said.get(0)).startsWith("client key " + missing + ": is not there");
        assertThat(said.get(1)).startsWith("client key " + certificate + ": is no private key that can be used here");
        assertThat(said.get(2)).startsWith("client certificate " + key + ": cannot be used");
        assertThat(said.get(3)).startsWith("client certificate " + missing + ": is not there");
    }
}
