package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestSignatureTest {
    private static final byte[] MANIFEST = "{\"formatVersion\": 1}".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    @BeforeEach
    void makeKeys() throws Exception {
        for (String name : List.of("own", "other")) {
            run("openssl genpkey -algorithm ed25519 -out %s.key && openssl pkey -in %s.key -pubout -out %s.pub"
                    .formatted(name, name, name));
        }
    }

    private byte[] run(String line) throws Exception {
        return Tools.shell(directory, MANIFEST, line).successful();
    }

    private ManifestSigner signer(String file) {
        return new ManifestSigner(directory.resolve(file));
    }

    private ManifestVerifier trusting(String... files) {
        return new ManifestVerifier(Arrays.stream(files).map(directory::resolve).toList());
    }

    @Test
    void signsSoThatOpensslAgrees() throws Exception {
        byte[] signature = signer("own.key").sign(MANIFEST);

        assertThat(signature).hasSize(64);
        Files.write(directory.resolve("manifest"), MANIFEST);
        Files.write(directory.resolve("signature"), signature);
        assertThat(new String(
                        run("openssl pkeyutl -verify -pubin -inkey own.pub -rawin -in manifest -sigfile signature"),
                        StandardCharsets.UTF_8))
                .contains("Signature Verified Successfully");
    }

    @Test
    void acceptsWhatOpensslSigned() throws Exception {
        byte[] signature = run("cat > manifest && openssl pkeyutl -sign -inkey own.key -rawin -in manifest");

        assertThatCode(() -> trusting("own.pub").verify(MANIFEST, signature)).doesNotThrowAnyException();
    }

    @Test
    void acceptsAnyOfTheTrustedKeys() throws Exception {
        byte[] signature = signer("own.key").sign(MANIFEST);
        run("cat other.pub own.pub > both.pub");

        assertThatCode(() -> trusting("other.pub", "own.pub").verify(MANIFEST, signature))
                .doesNotThrowAnyException();
        assertThatCode(() -> trusting("both.pub").verify(MANIFEST, signature)).doesNotThrowAnyException();
    }

    @Test
    void refusesEveryOtherKeyContentAndSignature() throws Exception {
        byte[] signature = signer("own.key").sign(MANIFEST);

        assertRefused("other.pub", MANIFEST, signature);
        assertRefused("own.pub", Arrays.copyOf(MANIFEST, MANIFEST.length + 1), signature);
        assertRefused("own.pub", MANIFEST, Arrays.copyOf(signature, 63));
        assertRefused("own.pub", MANIFEST, Arrays.copyOf(signature, 65));
        assertRefused("own.pub", MANIFEST, new byte[64]);
        assertRefused("own.pub", MANIFEST, new byte[0]);
        byte[] ones = new byte[64];
        Arrays.fill(ones, (byte) 0xff);
        assertRefused("own.pub", MANIFEST, ones);
        for (int i = 0; i < 64; i++) {
            byte[] altered = signature.clone();
            altered[i] ^= 1;
            assertRefused("own.pub", MANIFEST, altered);
        }
    }

    private void assertRefused(String trusted, byte[] content, byte[] signature) {
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> trusting(trusted).verify(content, signature))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
    }

    @Test
    void refusesKeysItCannotUse() throws Exception {
        run("openssl genpkey -algorithm ec -pkeyopt ec_paramgen_curve:P-256 -out ec.key"
                + " && openssl pkey -in ec.key -pubout -out ec.pub"
                + " && openssl pkey -in own.key -aes256 -passout pass:x -out locked.key");
        assertUnusable(() -> signer("none.key").sign(MANIFEST), "none.key: does not exist");
        assertUnusable(() -> signer("ec.key").sign(MANIFEST), "is not an Ed25519 private key");
        assertUnusable(() -> signer("own.pub").sign(MANIFEST), "holds 0 PEM blocks");
        assertUnusable(() -> signer("locked.key").sign(MANIFEST), "passphrase");
        assertUnusable(() -> trusting("none.pub").verify(MANIFEST, new byte[64]), "none.pub: does not exist");
        assertUnusable(() -> trusting("ec.pub").verify(MANIFEST, new byte[64]), "holds no Ed25519 public key");
        assertUnusable(() -> trusting("own.key").verify(MANIFEST, new byte[64]), "holds no Ed25519 public key");
        assertThatIllegalArgumentException().isThrownBy(() -> new ManifestVerifier(List.of()));
    }

    private static void assertUnusable(ThrowingCallable call, String problem) {
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(call)
                .withMessageContaining(problem)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS));
    }
}
