package cloud.lvs.backup.provider.postgres.dump;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.postgres.dump.ScriptReader.Token;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DumpScanTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CREATE POLICY p ON s.t TO reader USING (true);                                      | reader
                    CREATE POLICY p ON s.t AS RESTRICTIVE FOR INSERT TO reader WITH CHECK ((a > 1));    | reader
                    CREATE POLICY "to; x" ON "S T"."a.b" FOR SELECT TO "Odd ""Role\""", b USING (true); | Odd "Role",b
                    CREATE POLICY p ON s.t TO reader;                                                   | reader
                    CREATE POLICY p ON s.t USING ((name = ' TO nobody USING ('::text));                 | ''
                    CREATE USER MAPPING FOR app_owner SERVER far OPTIONS ("user" 'x');                  | app_owner
                    CREATE USER MAPPING FOR public SERVER far;                                          | ''
                    ALTER TABLE s.t OWNER TO app_owner;                                                 | ''
                    """)
    void knowsTheRolesWithoutWhichThereIsNoRestoring(String statement, String roles) throws Exception {
        DumpScan scan = new DumpScan();
        ScriptReader script =
                new ScriptReader(new ByteArrayInputStream(statement.getBytes(StandardCharsets.UTF_8)), "the script");
        for (Token piece = script.next(); piece != Token.END; piece = script.next()) {
            scan.accept(piece, script);
        }

        assertThat(String.join(",", scan.indispensableRoles())).isEqualTo(roles);
    }
}
