package cloud.lvs.backup.provider.postgres.program;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.postgres.PostgresConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages as PostgreSQL's programs write them. */
class ProgramDiagnosticsTest {
    private static final PostgresConfig CONFIG =
            PostgresConfig.at("db").user("backup").build();

    @Test
    void joinsAnErrorWithItsDetails() {
        ProgramDiagnostics diagnostics = ProgramDiagnostics.of("pg_dump", """
                pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout
                pg_dump: detail: Query was: LOCK TABLE public.t IN ACCESS SHARE MODE
                """);

        assertThat(diagnostics.errors())
                .containsExactly(
                        "query failed: ERROR: canceling statement due to statement timeout Query was: LOCK TABLE"
                                + " public.t IN ACCESS SHARE MODE");
        assertThat(diagnostics.failureKind()).isEqualTo(ProgramDiagnostics.FailureKind.TRANSIENT);
        assertThat(diagnostics.remedy(CONFIG)).contains("lockWaitTimeout");
    }

    @Test
    void tellsWarningsFromErrors() {
        ProgramDiagnostics diagnostics = ProgramDiagnostics.of("pg_dump", """
                pg_dump: warning: subscriptions not dumped because current user is not a superuser
                pg_dump: warning: there are circular foreign-key constraints on this table:
                pg_dump: detail: t
                """);

        assertThat(diagnostics.errors()).isEmpty();
        assertThat(diagnostics.warnings())
                .containsExactly(
                        "subscriptions not dumped because current user is not a superuser",
                        "there are circular foreign-key constraints on this table: t");
        assertThat(diagnostics.lacksSubscriptions()).isTrue();
    }

    @Test
    void hearsWhatPgDumpSaidThroughPgDumpall() {
        ProgramDiagnostics diagnostics = ProgramDiagnostics.of("pg_dumpall", """
                pg_dump: error: connection to server on socket "/x" failed: FATAL:  permission denied for database "d"
                DETAIL:  User does not have CONNECT privilege.
                pg_dumpall: error: pg_dump failed on database "d", exiting
                """);

        assertThat(diagnostics.errors()).hasSize(2);
        assertThat(diagnostics.summary())
                .contains("permission denied for database", "pg_dump failed on database \"d\"");
        assertThat(diagnostics.remedy(CONFIG)).isEqualTo("GRANT CONNECT ON that database TO \"backup\";");
    }

    @Test
    void keepsWordsOfAnotherGrammar() {
        ProgramDiagnostics diagnostics =
                ProgramDiagnostics.of("pg_dump", "/lib/ld.so: cannot open shared object file\n");

        assertThat(diagnostics.errors()).isEmpty();
        assertThat(diagnostics.summary()).isEqualTo("/lib/ld.so: cannot open shared object file");
    }

    @Test
    void shortensWhatIsLong() {
        assertThat(ProgramDiagnostics.of("pg_dump", "pg_dump: error: " + "x".repeat(5_000))
                        .summary()
                        .length())
                .isLessThan(700);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ERROR:  canceling statement due to conflict with recovery | hot_standby_feedback
                    ERROR:  query would be affected by row-level security policy for table "t" | BYPASSRLS
                    ERROR:  permission denied for large object 7 | lo_compat_privileges
                    ERROR:  permission denied for table pg_authid | rolePasswords
                    ERROR:  permission denied for table t | GRANT pg_read_all_data TO "backup";
                    aborting because of server version mismatch | client package
                    FATAL:  password authentication failed for user "u" | passwordFile
                    ERROR:  could not load library "plpgsql.so": undefined symbol: x | restart the server
                    ERROR:  could not write to file "base/pgsql_tmp/1": No space left on device | free space
                    FATAL:  terminating connection due to administrator command | who ended the connection
                    something else | see the server's log
                    """)
    void saysWhatToDo(String text, String remedy) {
        ProgramDiagnostics diagnostics = ProgramDiagnostics.of("pg_dump", "pg_dump: error: " + text);

        assertThat(diagnostics.remedy(CONFIG)).contains(remedy);
        assertThat(diagnostics.failureKind()).isEqualTo(ProgramDiagnostics.FailureKind.PERMANENT);
    }
}
