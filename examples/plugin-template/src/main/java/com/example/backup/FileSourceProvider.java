package com.example.backup;

import cloud.lvs.backup.spi.*;
import cloud.lvs.backup.toolkit.*;
import java.io.*;
import java.nio.file.*;
import java.util.*;

/** {@code type: file}: one file; a capture fails if it changes meanwhile. Named in {@code META-INF/services}. */
public final class FileSourceProvider implements SourceProvider<FileSourceProvider.Config> {
    @Doc("Backs up one file.")
    public record Config(@Doc("The file.") Path path) {}

    public record Options() {}

    @Override
    public String type() {
        return "file";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Class<Options> restoreType() {
        return Options.class;
    }

    @Override
    public Source create(Config config, ProviderContext context) {
        return new FileSource(config.path(), config.path().getFileName().toString());
    }

    private record FileSource(Path file, String name) implements Source {
        @Override
        public List<Finding> preflight(RunContext run) {
            return Files.isReadable(file) ? List.of() : List.of(Finding.error(failed("cannot be read")));
        }

        private BackupException failed(String problem) {
            return new BackupException(Kind.SOURCE, "file " + file, problem, "look at the file, and run again");
        }

        @Override
        public List<Item> inventory(RunContext run) throws IOException {
            return List.of(Item.selected(name, Files.size(file)));
        }

        @Override
        public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
            String tail = "> " + ShellWord.quote(name);
            var artifact = new Artifact(name, "file", KeyStem.of(name), "", 0, Sensitivity.ORDINARY, tail);
            out.write(artifact, body -> {
                var changed = Files.getLastModifiedTime(file);
                try (InputStream in = new FileInputStream(file.toFile())) {
                    long bytes = StreamCopy.copy(in, body, name, Files.size(file), run);
                    if (bytes != Files.size(file) || !changed.equals(Files.getLastModifiedTime(file))) {
                        throw failed("changed while it was read");
                    }
                    return Map.of("bytes", Long.toString(bytes));
                }
            });
            return new CaptureReport(List.of(ItemResult.done(name, Map.of())), Map.of("file", file.toString()));
        }

        @Override
        public Verification verify(BackupReader backup, Level level, RunContext run)
                throws IOException, InterruptedException {
            List<Check> checks = new ArrayList<>();
            for (StoredArtifact artifact : backup.manifest().artifacts()) {
                checks.add(copy(backup, artifact, OutputStream.nullOutputStream(), run));
            }
            return new Verification(checks);
        }

        private static Check copy(BackupReader backup, StoredArtifact artifact, OutputStream out, RunContext run)
                throws IOException, InterruptedException {
            String what = "size of " + artifact.item();
            try (InputStream in = backup.open(artifact); out) {
                long bytes = StreamCopy.copy(in, out, artifact.item(), artifact.plainBytes(), run);
                if (!Long.toString(bytes).equals(artifact.facts().get("bytes"))) {
                    throw new BackupException(Kind.VERIFICATION, what, "is " + bytes, "look for another backup");
                }
                return Check.passed(what, bytes + " bytes");
            }
        }

        @Override
        public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
                throws IOException, InterruptedException {
            Path target = RestoreDirectory.of(request.target());
            List<StoredArtifact> wanted = ItemSelection.artifacts(backup.manifest(), request);
            var items = wanted.stream().map(each -> ItemResult.done(each.item(), each.facts())).toList();
            List<Check> checks = new ArrayList<>();
            if (request.mode() == RestoreRequest.Mode.EXECUTE) {
                try (RestoreDirectory directory = RestoreDirectory.in(target)) {
                    for (StoredArtifact artifact : wanted) {
                        checks.add(copy(backup, artifact, directory.create(artifact.item()), run));
                    }
                    directory.publish();
                }
            }
            return new RestoreReport(items, List.of("write to " + target), checks, List.of());
        }

        @Override
        public void close() {}
    }
}
