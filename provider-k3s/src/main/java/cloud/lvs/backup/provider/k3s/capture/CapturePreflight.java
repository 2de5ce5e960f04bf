package cloud.lvs.backup.provider.k3s.capture;

import cloud.lvs.backup.provider.k3s.K3sConfig;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Datastore;
import cloud.lvs.backup.provider.k3s.datastore.RunningK3s;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.files.DiskSpace;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.provider.k3s.secrets.TokenFile;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.toolkit.IoErrorMessages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks for what would make a run fail, without opening the database. */
public final class CapturePreflight {
    private static final Set<String> NETWORK = Set.of("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse.glusterfs");

    private final K3sConfig config;
    private final ProviderContext context;
    private final DataDir dir;
    private final List<Finding> findings = new ArrayList<>();

    public CapturePreflight(K3sConfig config, ProviderContext context) {
        this.config = config;
        this.context = context;
        this.dir = new DataDir(config.dataDir());
    }

    public List<Finding> findings() {
        library();
        try {
            Datastore.requireDirectory(dir, Datastore.SET_DATA_DIR);
        } catch (BackupException e) {
            // Whatever else is missing is missing because of that.
            findings.add(Finding.error(e));
            return List.copyOf(findings);
        }
        try {
            datastore(Datastore.detect(dir));
        } catch (BackupException e) {
            findings.add(Finding.error(e));
        }
        token();
        return List.copyOf(findings);
    }

    private void library() {
        try {
            Sqlite.requireLibrary();
        } catch (BackupException e) {
            findings.add(Finding.error(e));
        }
    }

    private void datastore(Datastore found) {
        String target = "k3s datastore " + dir.database();
        try {
            DiskSpace.require(context.scratchDirectory(), found.scratchBytes(), "the copy of the datastore");
        } catch (BackupException e) {
            findings.add(Finding.error(e));
        } catch (IOException e) {
            find(
                    Severity.ERROR,
                    "directory " + context.scratchDirectory(),
                    "cannot hold temporary files: " + IoErrorMessages.of(e),
                    "name a scratch directory that exists and can be written");
        }
        if (!Files.isWritable(context.scratchDirectory())) {
            find(
                    Severity.ERROR,
                    "directory " + context.scratchDirectory(),
                    "cannot be written",
                    "name a scratch directory that can be written");
        }
        if (found.state() == Datastore.State.CRASHED) {
            find(
                    Severity.INFO,
                    target,
                    "was not closed properly: its log is replayed in a copy, in the scratch directory",
                    "");
        }
        if (found.state() == Datastore.State.CLEAN && found.server() == RunningK3s.UNKNOWN) {
            find(
                    Severity.WARNING,
                    target,
                    "has no write-ahead log, and as it cannot be opened for writing here, it cannot be told whether k3s runs:"
                            + " if it does, its newest changes are missing",
                    "run where the data directory can be written");
        }
        try {
            String type = Files.getFileStore(found.file().file()).type();
            if (NETWORK.contains(type)) {
                find(
                        Severity.WARNING,
                        target,
                        "lies on a network file system (" + type + "), across which SQLite's log cannot be shared",
                        "run on the k3s server itself");
            }
        } catch (IOException e) {
            // Not every file system says what it is.
        }
        Duration quiet = Duration.between(found.lastWritten(), context.clock().instant());
        if (quiet.compareTo(Staleness.WORTH_TELLING) > 0) {
            find(
                    Severity.WARNING,
                    target,
                    "was last written " + Staleness.inWords(quiet)
                            + " ago: k3s is stopped, or uses another datastore and this" + " is a leftover",
                    "check systemctl status k3s, and that k3s has no --datastore-endpoint");
        }
    }

    private void token() {
        TokenFile file = new TokenFile(config);
        try {
            Optional<ServerToken> token = file.read();
            if (token.isPresent()) {
                agentToken(token.get().redactedBy(context));
            } else {
                find(Severity.INFO, file.target(), "does not exist", "");
            }
        } catch (BackupException e) {
            findings.add(Finding.error(e));
        }
    }

    private void agentToken(ServerToken token) {
        Path file = dir.agentToken();
        try {
            if (!Arrays.equals(ServerToken.content(file), token.bytes())) {
                find(
                        Severity.INFO,
                        "k3s agent token " + file,
                        "differs from the server token and is not part of the backup",
                        "keep the value of --agent-token where the server's configuration is kept");
            }
        } catch (IOException | IllegalArgumentException e) {
            // There is none that could be read.
        }
    }

    private void find(Severity severity, String target, String problem, String remedy) {
        findings.add(new Finding(severity, target, problem, remedy));
    }
}
