package com.example.backup;

import cloud.lvs.backup.spi.Artifact;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Doc;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import cloud.lvs.backup.spi.StoredArtifact;
import cloud.lvs.backup.spi.Verification;
import cloud.lvs.backup.toolkit.FileCapture;
import cloud.lvs.backup.toolkit.FileRestore;
import cloud.lvs.backup.toolkit.KeyStem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code type: file}: one file; a capture fails if it changes meanwhile. Named in {@code META-INF/services}. */
public final class FileSourceProvider implements SourceProvider<FileSourceProvider.Config> {
    @Doc("Backs up one file.")
    public record Config(@Doc("The file.") Path path) {}

    @Override
    public String type() {
        return "file";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Source create(Config config, ProviderContext context) {
        return new FileSource(config.path(), String.valueOf(config.path().getFileName()));
    }

    private record FileSource(Path file, String name) implements Source {
        @Override
        public List<Finding> preflight(RunContext run) {
            String remedy = "correct the path, or let this user read it";
            var problem = new Finding(Finding.Severity.ERROR, "file " + file, "is no regular file to be read", remedy);
            return Files.isRegularFile(file) && Files.isReadable(file) ? List.of() : List.of(problem);
        }

        @Override
        public List<Item> inventory(RunContext run) throws IOException {
            return List.of(Item.selected(name, Files.size(file)));
        }

        @Override
        public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
            Artifact artifact = Artifact.of(name, "file").withStem(KeyStem.of(name));
            ItemResult result = out.capture(
                    inventory(run).get(0), artifact, body -> FileCapture.copy(file, body, name, run));
            return new CaptureReport(List.of(result), Map.of("file", file.toString()));
        }

        @Override
        public Verification verify(BackupReader backup, Level level, RunContext run)
                throws IOException, InterruptedException {
            return FileRestore.verify(backup, run);
        }

        @Override
        public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
                throws IOException, InterruptedException {
            return FileRestore.restore(backup, request, StoredArtifact::item, run);
        }

        @Override
        public void close() {}
    }
}
