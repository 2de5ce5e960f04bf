package cloud.lvs.backup.provider.k3s.secrets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTokenTest {
    private static final String HASH = "0123456789abcdef".repeat(4);

    @Test
    void takesThePasswordOfTheSecureFormFromItsFirstColonOn() {
        ServerToken token = parse("K10" + HASH + "::server:pass:with::colons\n");

        assertThat(token.password()).isEqualTo("pass:with::colons");
        assertThat(token.caHash()).contains(HASH);
    }

    @Test
    void takesTheShortFormWhole() {
        ServerToken token = parse("just::a:password\r\n");

        assertThat(token.password()).isEqualTo("just::a:password");
        assertThat(token.caHash()).isEmpty();
    }

    @Test
    void acceptsASecureFormWithoutHash() {
        assertThat(parse("K10::server:x").caHash()).isEmpty();
    }

    @Test
    void keepsTheBytesAsTheyAre() {
        assertThat(parse("short\n").bytes()).asString(StandardCharsets.UTF_8).isEqualTo("short\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "K10",
                "K10no-separator",
                "K10abc::server:x",
                "K10::server:",
                "K10::nocolon",
                "abcdef.0123456789abcdef\n"
            })
    void refusesWhatIsNoServerTokenWithoutShowingIt(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank()
                .doesNotContain("abcdef.0123")
                .doesNotContain("nocolon");
    }

    @Test
    void refusesMoreThanATokenCanBe() {
        assertThatThrownBy(() -> ServerToken.parse(new byte[ServerToken.MAX_BYTES + 1]))
                .hasMessageContaining("larger than");
    }

    @Test
    void neverShowsItself() {
        assertThat(parse("sesame")).hasToString("***");
    }

    private static ServerToken parse(String text) {
        return ServerToken.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
