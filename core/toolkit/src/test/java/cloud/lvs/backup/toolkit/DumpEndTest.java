package cloud.lvs.backup.toolkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.spi.BackupException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DumpEndTest {
    private final ByteArrayOutputStream stored = new ByteArrayOutputStream();

    private DumpEnd end(String text, int atOnce) throws IOException {
        DumpEnd end = new DumpEnd(stored, "-- Dump completed");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; at += atOnce) {
            end.write(bytes, at, Math.min(atOnce, bytes.length - at));
        }
        return end;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1 << 16})
    void acceptsTheLineThatItsProgramEndsWithHoweverItIsWritten(int atOnce) throws Exception {
        String dump = "INSERT 1;\n".repeat(5_000) + "-- Dump completed on 2026-11-30 \n\n";

        DumpEnd end = end(dump, atOnce);

        assertThatCode(() -> end.requireReached("database shop")).doesNotThrowAnyException();
        assertThat(stored.toString(StandardCharsets.UTF_8)).isEqualTo(dump);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n\n",
                "INSERT 1;\n",
                "-- Dump completed\nINSERT 2;\n",
                "-- Dump complet",
                "x -- Dump completed\n",
                "-- Dump completed\n-- more\n"
            })
    void refusesWhatEndsOtherwise(String dump) throws Exception {
        DumpEnd end = end(dump, 4);

        assertThatThrownBy(() -> end.requireReached("database shop"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("database shop")
                .hasMessageContaining("cut short");
    }

    @Test
    void aProgramThatGaveUpIsToldWithItsLastWords() throws Exception {
        DumpEnd end = end("BEGIN;\nROLLBACK; -- due to errors\n", 64);

        assertThatThrownBy(() -> end.requireReached(
                        "database shop", new ChildProcess.Exit(0, "Parse error\nfile is not a database\n")))
                .hasMessage(
                        "database shop: the dump does not end with '-- Dump completed': it is cut short, or its program"
                                + " gave up; the program ended with exit code 0: file is not a database");
    }

    @Test
    void closingItLeavesTheStreamBelowOpen() throws Exception {
        DumpEnd end = end("-- Dump completed", 1);
        end.close();
        end.write('x');

        assertThat(stored.toString(StandardCharsets.UTF_8)).isEqualTo("-- Dump completedx");
    }
}
