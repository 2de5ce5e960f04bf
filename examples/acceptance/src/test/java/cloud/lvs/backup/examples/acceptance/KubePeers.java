package cloud.lvs.backup.examples.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** kine and kube-apiserver, built on first use by {@code kube-peers/build}. */
final class KubePeers {
    private static final Path SCRIPT = Checkout.root().resolve("examples/acceptance/kube-peers/build");
    private static final Version GO = Version.parse("1.26.5");

    private KubePeers() {}

    /** Whether they are there or can be built. If they can, a build that fails is a failure. */
    static boolean canBeHad() throws IOException, InterruptedException {
        return outputOf(SCRIPT.toString(), "--there").isPresent()
                || outputOf("go", "env", "GOVERSION")
                        .filter(KubePeers::isNewEnough)
                        .isPresent();
    }

    private static boolean isNewEnough(String version) {
        String number = version.strip().replaceFirst("^go", "");
        return number.matches("\\d.*") && Version.parse(number).compareTo(GO) >= 0;
    }

    /** The directory they are in. */
    static Path programs() throws IOException, InterruptedException {
        Path log = Files.createTempFile("kube-peers-", ".log");
        Path out = Files.createTempFile("kube-peers-", ".out");
        try {
            Process build = new ProcessBuilder(SCRIPT.toString())
                    .redirectOutput(out.toFile())
                    .redirectError(log.toFile())
                    .start();
            assertThat(build.waitFor(2, TimeUnit.HOURS))
                    .as("kube-peers/build ends")
                    .isTrue();
            assertThat(build.exitValue())
                    .as("exit code of kube-peers/build; it said: %s", Files.readString(log))
                    .isZero();
            return Path.of(Files.readString(out).strip());
        } finally {
            Files.delete(log);
            Files.delete(out);
        }
    }

    private static Optional<String> outputOf(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            return Optional.empty();
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return process.waitFor() == 0 ? Optional.of(output) : Optional.empty();
    }
}
