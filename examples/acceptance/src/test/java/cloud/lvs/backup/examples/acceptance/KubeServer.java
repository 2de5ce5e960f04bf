package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.k3s.kine.Bootstrap;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A server over a k3s data directory, made of the programs that k3s consists of: kine over {@code server/db/state.db}, a
 * kube-apiserver over that, on the loopback address. Like k3s it makes {@code server/tls} and {@code server/cred} from the
 * bootstrap row where they are missing, and issues its certificate from the CA in there.
 */
final class KubeServer implements AutoCloseable {
    /** The password of the administrator {@code admin}. */
    static final String ADMIN = "0123456789abcdef0123456789abcdef";

    static final String PASSWORD = "fedcba98:76543210";

    private static final Map<String, String> FILES = Map.of(
            "ServerCA", "tls/server-ca.crt",
            "ServerCAKey", "tls/server-ca.key",
            "ClientCA", "tls/client-ca.crt",
            "ClientCAKey", "tls/client-ca.key",
            "RequestHeaderCA", "tls/request-header-ca.crt",
            "RequestHeaderCAKey", "tls/request-header-ca.key",
            "ServiceKey", "tls/service.key",
            "PasswdFile", "cred/passwd",
            "EncryptionConfig", "cred/encryption-config.json");

    private final Path logs;
    private final List<Process> processes = new ArrayList<>();
    private final KubeClient client;

    private KubeServer(Path logs, KubeClient client) {
        this.logs = logs;
        this.client = client;
    }

    // What k3s keeps in its data directory

    /** Makes everything that a first start of k3s makes, but the objects. */
    static void install(Path dataDir, byte[] encryptionConfig) throws Exception {
        Path server = Files.createDirectories(dataDir.resolve("server"));
        Files.createDirectories(server.resolve("cred"));
        Files.createDirectories(server.resolve("tls"));
        Files.write(server.resolve("cred/encryption-config.json"), encryptionConfig);
        Files.writeString(server.resolve("cred/passwd"), ADMIN + ",admin,admin,\"system:masters\"\n");
        Program.shell(dataDir.resolve(".."))
                .with("TLS", server.resolve("tls").toString())
                .run("""
                cd "$TLS"
                openssl genrsa -out service.key 2048
                for ca in server client request-header; do
                  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
                    -subj "/CN=k3s-$ca-ca" -keyout $ca-ca.key -out $ca-ca.crt
                done""")
                .expect(0);
        Files.writeString(server.resolve("token"), Bootstrap.token(PASSWORD, files(dataDir)));
        KineDatabase.createEmpty(dataDir).close();
        storeFiles(dataDir);
    }

    /** Writes what is on disk into the bootstrap row, as k3s does when it starts and after a rotation; kine has to be down. */
    static void storeFiles(Path dataDir) throws Exception {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put(Bootstrap.key(PASSWORD), Bootstrap.seal(PASSWORD, files(dataDir)));
        }
    }

    private static Map<String, byte[]> files(Path dataDir) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            files.put(
                    file.getKey(), Files.readAllBytes(dataDir.resolve("server").resolve(file.getValue())));
        }
        return files;
    }

    private static void rebuildMissing(Path dataDir) throws Exception {
        Path server = dataDir.resolve("server");
        if (Files.exists(server.resolve("tls")) && Files.exists(server.resolve("cred"))) {
            return;
        }
        String token = Files.readString(server.resolve("token")).strip();
        String password = token.substring(token.indexOf("::server:") + "::server:".length());
        byte[] row;
        try (KineDatabase kine = KineDatabase.open(dataDir);
                PreparedStatement newest = kine.connection()
                        .prepareStatement("SELECT value FROM kine WHERE name = ? ORDER BY id DESC LIMIT 1")) {
            newest.setString(1, Bootstrap.key(password));
            try (ResultSet found = newest.executeQuery()) {
                assertThat(found.next()).as("the token has a bootstrap row").isTrue();
                row = found.getBytes(1);
            }
        }
        for (Map.Entry<String, byte[]> file : Bootstrap.open(password, row).entrySet()) {
            Path path = server.resolve(FILES.get(file.getKey()));
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
    }

    // Start and end

    /** Starts, and does not wait. */
    static KubeServer start(Path programs, Path dataDir) throws Exception {
        rebuildMissing(dataDir);
        Path server = dataDir.resolve("server");
        Path logs = Files.createTempDirectory(dataDir.getParent(), "server-");
        Program.shell(logs).run("""
                openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=kube-apiserver \
                  -keyout serving.key -out serving.csr
                openssl x509 -req -in serving.csr -CA %1$s.crt -CAkey %1$s.key -set_serial 1 -days 30 \
                  -extfile <(echo subjectAltName=IP:127.0.0.1) -out serving.crt""".formatted(server.resolve("tls/server-ca"))).expect(0);
        int kinePort = freePort();
        int apiPort = freePort();
        Files.writeString(
                logs.resolve("kubeconfig"), """
                {apiVersion: v1, kind: Config, current-context: it,
                 clusters: [{name: it, cluster: {server: "https://127.0.0.1:%d", certificate-authority: %s}}],
                 users: [{name: it, user: {token: %s}}],
                 contexts: [{name: it, context: {cluster: it, user: it}}]}
                """.formatted(apiPort, server.resolve("tls/server-ca.crt"), ADMIN));
        KubeServer started = new KubeServer(logs, new KubeClient(apiPort, server.resolve("tls/server-ca.crt"), ADMIN));
        // kine opens db/state.db below its working directory, as it does within k3s.
        started.launch(
                server, programs, "kine", "--listen-address", "127.0.0.1:" + kinePort, "--metrics-bind-address", "0");
        started.launch(
                logs,
                programs,
                "kube-apiserver",
                "--etcd-servers=http://127.0.0.1:" + kinePort,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--endpoint-reconciler-type=none",
                "--secure-port=" + apiPort,
                "--tls-cert-file=" + logs.resolve("serving.crt"),
                "--tls-private-key-file=" + logs.resolve("serving.key"),
                "--client-ca-file=" + server.resolve("tls/client-ca.crt"),
                "--token-auth-file=" + server.resolve("cred/passwd"),
                "--encryption-provider-config=" + server.resolve("cred/encryption-config.json"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + server.resolve("tls/service.key"),
                "--service-account-signing-key-file=" + server.resolve("tls/service.key"),
                "--service-cluster-ip-range=10.43.0.0/16",
                "--authorization-mode=RBAC",
                "--cert-dir=" + logs);
        return started;
    }

    private void launch(Path directory, Path programs, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(programs.resolve(name).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(logs.resolve(name + ".log").toFile())
                .start();
        // Whatever ends this JVM, nothing of it stays behind.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        processes.add(process);
    }

    /** Waits until {@code /readyz} answers ok. */
    KubeServer awaitReady() throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        String answer = "";
        while (System.nanoTime() < deadline) {
            assertThat(processes).as(() -> "the programs run; " + tail()).allMatch(Process::isAlive);
            answer = readyz();
            if (answer.equals("200 ok")) {
                return this;
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        throw new AssertionError("not ready: " + answer + "; " + tail());
    }

    /** What it answers to a request, as soon as it answers with anything but that it is starting. */
    KubeClient.Answer awaitAnswer(String path) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (System.nanoTime() < deadline) {
            assertThat(processes).as(() -> "the programs run; " + tail()).allMatch(Process::isAlive);
            try {
                KubeClient.Answer answer = client.get(path);
                if (answer.isOk() || answer.text().contains("unable to")) {
                    return answer;
                }
            } catch (IOException e) {
                // Nobody listens yet.
            }
            TimeUnit.MILLISECONDS.sleep(200);
        }
        throw new AssertionError("no answer to " + path + "; " + tail());
    }

    /** What {@code /readyz} answers, e.g. {@code 200 ok}; empty while nobody listens. */
    String readyz() throws InterruptedException {
        try {
            KubeClient.Answer answer = client.get("/readyz");
            return answer.status() + " " + answer.text();
        } catch (IOException e) {
            return "";
        }
    }

    /** As the administrator. */
    KubeClient client() {
        return client;
    }

    /** The same for kubectl, as {@code KUBECONFIG}. */
    Path kubeconfig() {
        return logs.resolve("kubeconfig");
    }

    /** SIGKILL to both, the datastore first. */
    @Override
    public void close() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly();
        }
        for (Process process : processes) {
            process.waitFor();
        }
    }

    private String tail() {
        try {
            String log = Files.readString(logs.resolve("kube-apiserver.log"), StandardCharsets.ISO_8859_1);
            return log.substring(Math.max(0, log.length() - 4000));
        } catch (IOException e) {
            return "no log: " + e.getMessage();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }
}
