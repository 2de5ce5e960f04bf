package cloud.lvs.backup.provider.postgres.dump;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptReaderTest {
    @Test
    void tellsStatementsCommentsAndCommandsApart() throws Exception {
        assertThat(statements("-- a; comment\n\\connect other\n\nSET a = 1;\nSELECT 2;"))
                .containsExactly("SET a = 1;", "SELECT 2;");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'a;b', 'it''s; \\';",
                "SELECT E'a\\';b', e'\\\\';",
                "SELECT \"a;\"\"b\";",
                "SELECT $$a;b$$;",
                "SELECT $x$a; $$ ; $y$ $x $x$;",
                "SELECT $x$ $ $x$;",
                "SELECT a$b; ",
                "SELECT /* ; /* ; */ ; */ 1;",
                "SELECT 1 -- ; '\n, 2;",
                "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
                "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;",
                "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT 1; END;",
                "COMMENT ON TABLE t IS 'begin; é 数据';",
                "SELECT type'x\\', 1;",
            })
    void endsAStatementWherePsqlDoes(String statement) throws Exception {
        assertThat(statements("SET x = 1;\n" + statement.strip() + "\n-- end\nSET y = 2;\n"))
                .containsExactly("SET x = 1;", statement.strip(), "SET y = 2;");
    }

    @Test
    void readsBackslashesAsTheScriptItselfSays() throws Exception {
        assertThat(statements("SET standard_conforming_strings = off;\nSELECT 'a\\';b';\n"
                        + "SET standard_conforming_strings = on;\nSELECT 'a\\';\nSELECT 1;"))
                .hasSize(5);
    }

    @Test
    void takesRowsForRows() throws Exception {
        String rows = "1\t-- PostgreSQL database dump complete\n\\\\.\t2\n\\N\n\\.x\n;\n";
        ScriptReader script = reader("COPY public.t (a, b) FROM stdin;\n" + rows + "\\.\nSET y = 2;\n");
        List<Token> pieces = new ArrayList<>();
        long count = 0;
        for (Token piece = script.next(); piece != Token.END; piece = script.next()) {
            pieces.add(piece);
            count = script.rowCount();
        }

        assertThat(pieces).containsExactly(Token.STATEMENT, Token.ROWS, Token.ROWS_END, Token.STATEMENT, Token.BLANK);
        assertThat(count).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000, 131072, 200000})
    void passesEverythingOnHoweverItArrives(int chunk) throws Exception {
        StringBuilder text = new StringBuilder("SET a = 1;\nCOPY t (a) FROM stdin;\n");
        for (int i = 0; i < 40_000; i++) {
            text.append("row ")
                    .append(i)
                    .append(i % 1000 == 0 ? "x".repeat(3000) : "")
                    .append('\n');
        }
        text.append("y".repeat(400_000)).append("\n\\.\n\n-- end\nSELECT 'é';\nCOPY u (a) FROM stdin;\n\\.\n");
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        ScriptReader script = new ScriptReader(inChunks(bytes, chunk), "a script");
        ByteArrayOutputStream copy = new ByteArrayOutputStream();
        List<Long> counts = new ArrayList<>();

        for (Token piece = script.next(); piece != Token.END; piece = script.next()) {
            script.writeTo(copy);
            if (piece == Token.ROWS_END) {
                counts.add(script.rowCount());
            }
        }

        assertThat(copy.toByteArray()).isEqualTo(bytes);
        assertThat(counts).containsExactly(40_001L, 0L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "SELECT 'a;",
                "SELECT $x$ a; $x;",
                "/* no end",
                "COPY t (a) FROM stdin;\n1\n2\n",
                "COPY t (a) FROM stdin;\n1\n2",
                "COPY t (a) FROM stdin;\n",
            })
    void noticesAnEndInTheMiddle(String cut) {
        assertThatThrownBy(() -> statements(cut)).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.kind()).isEqualTo(Kind.VERIFICATION);
            assertThat(e).hasMessageContaining("a script: is cut short");
        });
    }

    private static List<String> statements(String text) throws IOException {
        ScriptReader script = reader(text);
        List<String> statements = new ArrayList<>();
        for (Token piece = script.next(); piece != Token.END; piece = script.next()) {
            if (piece == Token.STATEMENT) {
                statements.add(script.text());
            }
        }
        return statements;
    }

    private static ScriptReader reader(String text) {
        return new ScriptReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "a script");
    }

    private static InputStream inChunks(byte[] bytes, int chunk) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                return super.read(buffer, offset, Math.min(length, chunk));
            }
        };
    }
}
