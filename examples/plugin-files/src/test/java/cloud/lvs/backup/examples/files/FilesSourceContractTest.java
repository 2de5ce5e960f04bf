package cloud.lvs.backup.examples.files;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.FaultySource;
import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.spi.NoOptions;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

class FilesSourceContractTest extends SourceContract {
    @TempDir
    Path directory;

    private int places;

    @Override
    protected Source newSource(ProviderContext context) throws IOException {
        Path origin = Files.createDirectories(directory.resolve("origin"));
        Files.writeString(origin.resolve("app.conf"), "port = 80\n");
        Files.writeString(origin.resolve("with space & ümlaut"), "x".repeat(300_000));
        Files.writeString(origin.resolve("empty"), "");
        Files.createDirectories(origin.resolve("subdirectory"));
        return new FilesSourceProvider().create(new FilesConfig(origin, "*"), context);
    }

    // tag::breaksoff[]
    /** The second file is cut while it is read. */
    @Override
    protected Optional<Source> newSourceThatBreaksOff(ProviderContext context) throws IOException {
        Source source = newSource(context);
        return Optional.of(FaultySource.atByte(2, 100_000, this::cutSecondFile, source));
    }

    private void cutSecondFile() {
        try (FileChannel file =
                FileChannel.open(directory.resolve("origin/with space & ümlaut"), StandardOpenOption.WRITE)) {
            file.truncate(150_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
    // end::breaksoff[]

    @Override
    protected RestoreTarget.Place freshPlace() {
        return new RestoreTarget.Place(directory.resolve("place" + places++).toString());
    }

    @Override
    protected boolean holdsNothing(RestoreTarget.Place place) throws IOException {
        Path path = Path.of(place.location());
        if (!Files.exists(path)) {
            return true;
        }
        try (Stream<Path> entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        }
    }

    @Override
    protected void assertRestored(RestoreTarget.Place place) {
        Path path = Path.of(place.location());
        assertThat(path).isDirectoryNotContaining("glob:**/{empty,subdirectory,.restoring-*}");
        assertThat(path.resolve("app.conf")).hasContent("port = 80\n");
        assertThat(path.resolve("with space & ümlaut")).hasContent("x".repeat(300_000));
    }

    @Override
    protected Record restoreOptions() {
        return new NoOptions();
    }
}
