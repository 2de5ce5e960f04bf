package cloud.lvs.backup.provider.postgres.program;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorMessagesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sorry, too many clients already",
                "too many connections for role \"restorer\"",
                "too many connections for database \"postgres\"",
                "remaining connection slots are reserved for non-replication superuser connections"
            })
    void fewerSessionsAreTheRemedyWhereNoneIsLeft(String said) {
        String errors =
                "pg_restore: error: reconnection failed: connection to server at \"127.0.0.1\", port 5432 failed:"
                        + " FATAL:  " + said + "\n";

        assertThat(ErrorMessages.remedy(errors)).contains("max_connections", "smaller parallelism or jobs");
    }
}
