package cloud.lvs.backup.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.spi.BackupException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LibraryContextTest {
    private final LibraryContext context = new LibraryContext(TestTime.machine(), Path.of("scratch"));

    @Test
    void masksWhatAProviderToldItOf() {
        context.redact("hunter2-hunter2");

        assertThat(context.secrets().mask("password hunter2-hunter2 is refused"))
                .isEqualTo("password *** is refused");
    }

    @Test
    void knowsNoSinkByName() {
        assertThatThrownBy(() -> context.store("disk"))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("sink disk")
                .extracting("remedy")
                .isEqualTo("implement ProviderContext.store for this application");
    }
}
