package cloud.lvs.backup.sink.s3.rgw;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A Ceph object gateway of one node on the loopback interface, from Debian's packages: what Hetzner Object Storage and other
 * stores run. One for all tests of a JVM, started when first asked for; it ends with the JVM, however that ends, and leaves
 * nothing but the packages. Starting takes about 20 seconds. It knows the storage class {@code COLD} and the KMS key
 * {@code key-1}.
 */
public final class RadosGateway {
    private static final String SCRIPT = "rados-gateway.sh";

    /** An access key id and its secret. */
    public record Keys(String id, String secret) {
        static Keys random() {
            byte[] bytes = new byte[30];
            new SecureRandom().nextBytes(bytes);
            String text = HexFormat.of().formatHex(bytes);
            return new Keys(text.substring(0, 20), text.substring(20));
        }
    }

    private static final class Shared {
        static final RadosGateway GATEWAY = start();
    }

    private final Keys owner;
    private final Path home;
    private final int httpPort;
    private final int httpsPort;

    /** Kept: the gateway ends when its standard input does. */
    @SuppressWarnings("UnusedVariable")
    private final Process process;

    private RadosGateway(Keys owner, Path home, int httpPort, int httpsPort, Process process) {
        this.owner = owner;
        this.home = home;
        this.httpPort = httpPort;
        this.httpsPort = httpsPort;
        this.process = process;
    }

    /** The gateway of this JVM. */
    public static RadosGateway shared() {
        return Shared.GATEWAY;
    }

    /** Whether this JVM may start one. */
    public static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** Where it speaks plain http; buckets also as {@code bucket.localhost}. */
    public URI http() {
        return URI.create("http://localhost:" + httpPort);
    }

    /** Where it speaks https, with a certificate of {@link #certificateAuthority()}. */
    public URI https() {
        return URI.create("https://localhost:" + httpsPort);
    }

    /** A PEM file. */
    public Path certificateAuthority() {
        return home.resolve("authority.pem");
    }

    /** Of the user {@code owner}. */
    public Keys keys() {
        return owner;
    }

    /** Makes another user, {@code arn:aws:iam:::user/name} in policies, who may nothing in the buckets of others. */
    public Keys newUser(String name) {
        Keys keys = Keys.random();
        administer(
                "user",
                "create",
                "--uid=" + name,
                "--display-name=" + name,
                "--access-key=" + keys.id(),
                "--secret=" + keys.secret());
        return keys;
    }

    /** Runs {@code radosgw-admin} with these arguments. */
    public void administer(String... arguments) {
        List<String> command = new ArrayList<>(List.of("radosgw-admin", "-n", "client.gateway"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("CEPH_CONF", home.resolve("ceph.conf").toString());
        try {
            Process admin = builder.start();
            admin.getOutputStream().close();
            String output = new String(admin.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (admin.waitFor() != 0) {
                throw new IllegalStateException("radosgw-admin " + arguments[0] + " failed: " + output);
            }
        } catch (IOException e) {
            throw new IllegalStateException("radosgw-admin does not start", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static RadosGateway start() {
        try {
            Keys owner = Keys.random();
            List<Integer> ports = freePorts();
            ProcessBuilder builder = new ProcessBuilder("bash", "-c", script()).redirectErrorStream(true);
            builder.environment()
                    .putAll(Map.of(
                            "MON_PORT", ports.get(0).toString(),
                            "HTTP_PORT", ports.get(1).toString(),
                            "HTTPS_PORT", ports.get(2).toString(),
                            "ACCESS_KEY", owner.id(),
                            "SECRET_KEY", owner.secret()));
            Process process = builder.start();
            return new RadosGateway(owner, awaitReady(process), ports.get(1), ports.get(2), process);
        } catch (IOException e) {
            throw new IllegalStateException("the gateway does not start", e);
        }
    }

    private static Path awaitReady(Process process) throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        List<String> said = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith("READY ")) {
                return Path.of(line.substring("READY ".length()));
            }
            said.add(line);
        }
        throw new IllegalStateException("the gateway does not start:\n" + String.join("\n", said));
    }

    private static String script() throws IOException {
        try (InputStream in = Objects.requireNonNull(RadosGateway.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<Integer> freePorts() throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ServerSocket one = new ServerSocket(0, 1, loopback);
                ServerSocket two = new ServerSocket(0, 1, loopback);
                ServerSocket three = new ServerSocket(0, 1, loopback)) {
            return List.of(one.getLocalPort(), two.getLocalPort(), three.getLocalPort());
        }
    }
}
