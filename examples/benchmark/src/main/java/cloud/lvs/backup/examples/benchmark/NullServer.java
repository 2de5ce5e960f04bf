package cloud.lvs.backup.examples.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A running {@link NullStore}.
 *
 * @param process ends when its standard input does
 * @param port on the loopback interface
 * @param certificate a PEM file
 */
record NullServer(Process process, int port, Path certificate) implements AutoCloseable {
    /** Protects nothing: the key is made for this run. */
    private static final String PASSWORD = "benchmark";

    /** @param place an existing directory for the server's key */
    static NullServer start(Path place) throws IOException, InterruptedException {
        Path keyStore = place.resolve("null.p12");
        Path certificate = place.resolve("null.pem");
        keytool(
                place,
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-validity",
                "2",
                "-alias",
                "null",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                keyStore.toString(),
                "-storepass",
                PASSWORD);
        Files.writeString(
                certificate,
                keytool(
                        place,
                        "-exportcert",
                        "-rfc",
                        "-alias",
                        "null",
                        "-keystore",
                        keyStore.toString(),
                        "-storepass",
                        PASSWORD));
        Process process = new ProcessBuilder(
                        java("java"),
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NullStore.class.getName(),
                        keyStore.toString(),
                        PASSWORD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String port = output.readLine();
        if (port == null) {
            throw new IOException("the null server does not start");
        }
        return new NullServer(process, Integer.parseInt(port), certificate);
    }

    private static String keytool(Path place, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 1];
        command[0] = java("keytool");
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return Trial.of(place, command).run().expect(0).out();
    }

    private static String java(String program) {
        return Path.of(System.getProperty("java.home"), "bin", program).toString();
    }

    String endpoint() {
        return "https://localhost:" + port;
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        process.onExit().join();
    }
}
