package cloud.lvs.backup.core.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AgeTest {
    private static final List<String> AGE = List.of("age");

    @TempDir
    Path directory;

    private String operator = "";
    private String escrow = "";

    @BeforeEach
    void makeKeys() throws Exception {
        operator = Tools.newIdentity(directory, "operator.txt");
        escrow = Tools.newIdentity(directory, "escrow.txt");
    }

    private Pipeline reading(String identityFile) {
        return new Pipeline(Compression.NONE, null, directory.resolve(identityFile));
    }

    private Pipeline writing(String... recipients) {
        return new Pipeline(Compression.NONE, new AgeEncryption(List.of(recipients)), null);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_535, 65_536, 65_537, 131_072, 1_000_000})
    void isReadByAgeAndReadsWhatAgeWrote(int size) throws Exception {
        byte[] plain = Tools.noise(size);

        assertThat(Tools.shell(directory, Tools.encode(writing(operator), plain), "age -d -i operator.txt")
                        .successful())
                .isEqualTo(plain);
        byte[] byAge = Tools.shell(directory, plain, "age -r " + operator).successful();
        assertThat(Tools.decode(reading("operator.txt"), byAge, AGE)).isEqualTo(plain);
    }

    @Test
    void eachRecipientReadsAlone() throws Exception {
        byte[] plain = Tools.text(1000);
        byte[] stored = Tools.encode(writing(operator, escrow), plain);

        for (String file : List.of("operator.txt", "escrow.txt")) {
            assertThat(Tools.decode(reading(file), stored, AGE)).isEqualTo(plain);
            assertThat(Tools.shell(directory, stored, "age -d -i " + file).successful())
                    .isEqualTo(plain);
        }
    }

    @Test
    void takesAsManyRecipientsAsItAllows() throws Exception {
        byte[] plain = Tools.text(200_000);
        byte[] stored = Tools.encode(writing(Collections.nCopies(100, operator).toArray(String[]::new)), plain);

        assertThat(Tools.decode(reading("operator.txt"), stored, AGE)).isEqualTo(plain);
        assertThat(Tools.shell(directory, stored, "age -d -i operator.txt").successful())
                .isEqualTo(plain);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AgeEncryption(Collections.nCopies(101, operator)))
                .withMessageContaining("encryption.recipients");
    }

    @Test
    void triesEveryIdentityOfTheFile() throws Exception {
        Tools.newIdentity(directory, "former.txt");
        String all = Files.readString(directory.resolve("former.txt")) + "\n\n  \r\n# now\r\n"
                + Files.readString(directory.resolve("operator.txt"));
        Files.writeString(directory.resolve("all.txt"), all);
        byte[] stored = Tools.encode(writing(operator), Tools.text(10));

        assertThat(Tools.decode(reading("all.txt"), stored, AGE)).isEqualTo(Tools.text(10));
    }

    @Test
    void saysThatNoIdentityFits() throws Exception {
        byte[] stored = Tools.encode(writing(operator), Tools.text(10));

        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(reading("escrow.txt"), stored, AGE))
                .satisfies(e -> {
                    assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS);
                    assertThat(e.problem())
                            .isEqualTo("no identity in " + directory.resolve("escrow.txt") + " opens it");
                    assertThat(e.remedy()).contains("identity file of a recipient");
                });
    }

    @Test
    void tellsAnAlteredHeaderFromAWrongIdentity() throws Exception {
        byte[] stored = Tools.encode(writing(operator), Tools.text(10));
        String header = new String(stored, StandardCharsets.ISO_8859_1);
        int mac = header.indexOf("\n--- ") + 5;
        stored[mac] = (byte) (stored[mac] == 'A' ? 'B' : 'A');

        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(reading("operator.txt"), stored, AGE))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
    }

    @Test
    void refusesAnUnencryptedObject() {
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(reading("operator.txt"), Tools.text(1000), AGE))
                .withMessageContaining("no valid age header")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.VERIFICATION));
    }

    @Test
    void refusesAnIdentityFileItCannotUseWithoutRepeatingIt() throws Exception {
        String secret = Files.readString(directory.resolve("operator.txt"))
                .lines()
                .filter(line -> line.startsWith("AGE-SECRET-KEY-1"))
                .findFirst()
                .orElseThrow();
        String typo = secret.substring(0, 40) + (secret.charAt(40) == 'Q' ? 'P' : 'Q') + secret.substring(41);

        assertUnusable("", "holds no identity", secret);
        assertUnusable("# only a comment\n", "holds no identity", secret);
        assertUnusable(typo, "line 1 is not a whole identity", typo);
        assertUnusable("# one\n" + secret.substring(0, 50), "line 2 is not a whole identity", secret.substring(20, 50));
        assertUnusable("x" + secret, "line 1 is no X25519 identity", secret);
        assertUnusable("age-encryption.org/v1\n-> scrypt", "is itself encrypted", secret);
        assertUnusable("#".repeat(2 << 20), "larger than 1 MiB", secret);
    }

    @Test
    void refusesAnIdentityFileItCannotRead() {
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(reading("none.txt"), new byte[0], AGE))
                .withMessage("identity file " + directory.resolve("none.txt") + ": does not exist")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS));
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(reading("."), new byte[0], AGE))
                .withMessageContaining("cannot be read")
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS));
    }

    private void assertUnusable(String content, String problem, String secret) throws Exception {
        Files.writeString(directory.resolve("unusable.txt"), content);
        assertThatExceptionOfType(BackupException.class)
                .isThrownBy(() -> Tools.decode(reading("unusable.txt"), new byte[0], AGE))
                .withMessageContaining(problem)
                .satisfies(e -> {
                    assertThat(e.kind()).isEqualTo(Kind.CREDENTIALS);
                    assertThat(everythingIn(e)).doesNotContain(secret.substring(16));
                });
    }

    @Test
    void refusesARecipientThatIsNoneWithoutRepeatingIt() throws Exception {
        String secret = Files.readString(directory.resolve("operator.txt"))
                .lines()
                .filter(line -> line.startsWith("AGE-SECRET-KEY-1"))
                .findFirst()
                .orElseThrow();
        assertRefused(secret, "encryption.recipients[1] is an age identity, which is secret");
        assertRefused(" " + secret.toLowerCase(Locale.ROOT), "is an age identity, which is secret");
        assertRefused(operator.substring(0, 30), "is it whole?");
        assertRefused(typo(operator), "is it whole?");
        assertRefused("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB", "does not begin with age1");
        assertRefused("", "does not begin with age1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AgeEncryption(List.of()))
                .withMessageContaining("encryption.recipients is empty");
    }

    private static String typo(String recipient) {
        return recipient.substring(0, 20) + (recipient.charAt(20) == 'q' ? 'p' : 'q') + recipient.substring(21);
    }

    private void assertRefused(String recipient, String problem) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AgeEncryption(List.of(operator, recipient)))
                .withMessageContaining(problem)
                .satisfies(e -> {
                    if (recipient.length() > 16) {
                        assertThat(everythingIn(e)).doesNotContain(recipient.substring(16));
                    }
                });
    }

    private static String everythingIn(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
