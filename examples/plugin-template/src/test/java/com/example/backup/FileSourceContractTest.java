package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.contract.FaultySource;
import cloud.lvs.backup.contract.SourceContract;
import cloud.lvs.backup.spi.NoOptions;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

class FileSourceContractTest extends SourceContract {
    @TempDir
    Path directory;

    private int places;

    @Override
    protected Source newSource(ProviderContext context) throws Exception {
        Path file = directory.resolve("notes it's.txt");
        if (Files.notExists(file)) {
            Files.writeString(file, "note ".repeat(100_000));
        }
        return new FileSourceProvider().create(new FileSourceProvider.Config(file), context);
    }

    /** The file is cut while it is read. */
    @Override
    protected Optional<Source> newSourceThatBreaksOff(ProviderContext context) throws Exception {
        Path file = directory.resolve("notes it's.txt");
        Source source = newSource(context);
        return Optional.of(FaultySource.atByte(1, 200_000, () -> cut(file), source));
    }

    private static void cut(Path file) {
        try {
            Files.writeString(file, "short");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    protected RestoreTarget.Place freshPlace() {
        return new RestoreTarget.Place(directory.resolve("place" + places++).toString());
    }

    @Override
    protected boolean holdsNothing(RestoreTarget.Place place) throws Exception {
        Path path = Path.of(place.location());
        if (Files.notExists(path)) {
            return true;
        }
        try (var entries = Files.list(path)) {
            return entries.findAny().isEmpty();
        }
    }

    @Override
    protected void assertRestored(RestoreTarget.Place place) {
        assertThat(Path.of(place.location(), "notes it's.txt")).hasContent("note ".repeat(100_000));
    }

    @Override
    protected Record restoreOptions() {
        return new NoOptions();
    }
}
