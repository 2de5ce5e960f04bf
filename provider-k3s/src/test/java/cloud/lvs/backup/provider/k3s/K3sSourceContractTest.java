package cloud.lvs.backup.provider.k3s;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.FaultySource;
import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.kine.KineDatabase;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class K3sSourceContractTest extends SourceContract {
    @TempDir
    Path directory = Path.of("");

    private Path dataDir = Path.of("");
    private int places;

    @BeforeEach
    void makeServer() throws Exception {
        dataDir = directory.resolve("k3s");
        try (KineDatabase kine = KineDatabase.create(dataDir)) {
            kine.put("/registry/pods/default/one", "an object");
        }
    }

    @Override
    protected Source newSource(ProviderContext context) {
        return new K3sSourceProvider().create(K3sConfig.of(dataDir), context);
    }

    /** The copy is cut while it is read. */
    @Override
    protected Optional<Source> newSourceThatBreaksOff(ProviderContext context) throws SQLException {
        try (KineDatabase kine = KineDatabase.open(dataDir)) {
            kine.put("/registry/configmaps/default/big", new byte[900_000]);
        }
        return Optional.of(
                FaultySource.atByte(1, 100_000, () -> cutCopy(context.scratchDirectory()), newSource(context)));
    }

    private static void cutCopy(Path scratch) {
        try (Stream<Path> files = Files.walk(scratch)) {
            Path copy =
                    files.filter(file -> file.endsWith("state.db")).findFirst().orElseThrow();
            try (FileChannel file = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                file.truncate(400_000);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** That of the server token. */
    @Override
    protected Set<String> configuredSecrets() {
        return Set.of(KineDatabase.PASSWORD);
    }

    /** By turns a directory that is not there and an empty one. */
    @Override
    protected RestoreTarget.Place freshPlace() throws IOException {
        Path parent = Files.createDirectory(directory.resolve("place-" + ++places));
        Path place = parent.resolve("restored");
        if (places % 2 == 0) {
            Files.createDirectory(place);
        }
        return new RestoreTarget.Place(place.toString());
    }

    @Override
    protected boolean holdsNothing(RestoreTarget.Place place) throws IOException {
        Path path = Path.of(place.location());
        try (Stream<Path> found = Files.walk(path.getParent())) {
            return found.allMatch(each -> each.equals(path) || each.equals(path.getParent()));
        }
    }

    @Override
    protected void assertRestored(RestoreTarget.Place place) throws Exception {
        Path path = Path.of(place.location());
        assertThat(path.resolve("token")).hasSameBinaryContentAs(KineDatabase.token(dataDir));
        try (Connection restored = Sqlite.immutable(path.resolve("state.db"))) {
            assertThat(Sqlite.numberOf(restored, "SELECT id FROM kine WHERE name = ?", "/registry/pods/default/one"))
                    .contains(7L);
        }
    }

    @Override
    protected Record restoreOptions() {
        return K3sRestoreOptions.DEFAULTS;
    }
}
