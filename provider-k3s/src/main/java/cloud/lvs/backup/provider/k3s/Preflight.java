package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Finding.Severity;
import cloud.lvs.backup.spi.ProviderContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Looks for what would make a run fail, without opening the database. */
final class Preflight {
    /** Leases alone are renewed every few seconds. */
    private static final Duration QUIET = Duration.ofHours(1);

    private static final Set<String> NETWORK = Set.of("nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse.glusterfs");

    private final K3sConfig config;
    private final ProviderContext context;
    private final DataDir dir;
    private final List<Finding> findings = new ArrayList<>();

    Preflight(K3sConfig config, ProviderContext context) {
        this.config = config;
        this.context = context;
        this.dir = new DataDir(config.dataDir());
    }

    List<Finding> findings() {
        library();
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
            Sqlite.version();
        } catch (SQLException e) {
            find(
                    Severity.ERROR,
                    "SQLite",
                    String.valueOf(e.getMessage()),
                    "its library is unpacked to java.io.tmpdir: point -Dorg.sqlite.tmpdir at a directory that can be"
                            + " written and is not mounted noexec");
        }
    }

    private void datastore(Datastore found) {
        String target = "k3s datastore " + dir.database();
        try {
            ScratchDirectory.requireRoom(context.scratchDirectory(), found.scratchBytes(), "the copy of the datastore");
        } catch (BackupException e) {
            findings.add(Finding.error(e));
        } catch (IOException e) {
            find(
                    Severity.ERROR,
                    "directory " + context.scratchDirectory(),
                    "cannot hold temporary files: " + e,
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
        try {
            String type = Files.getFileStore(dir.database()).type();
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
        if (quiet.compareTo(QUIET) > 0) {
            find(
                    Severity.WARNING,
                    target,
                    "was last written " + quiet.toHours() + " h ago: k3s is stopped, or uses another datastore and this"
                            + " is a leftover",
                    "check systemctl status k3s, and that k3s has no --datastore-endpoint");
        }
    }

    private void token() {
        Path file = K3sSource.tokenFile(config);
        String target = "k3s server token " + file;
        try {
            if (FileFacts.of(file).isEmpty()) {
                find(
                        config.expectToken() ? Severity.ERROR : Severity.INFO,
                        target,
                        "does not exist",
                        "set tokenFile, or expectToken: false if the token is kept elsewhere");
                return;
            }
            ServerToken token = ServerToken.read(file).redactedBy(context);
            agentToken(token);
        } catch (IllegalArgumentException e) {
            find(
                    Severity.ERROR,
                    target,
                    String.valueOf(e.getMessage()),
                    "set tokenFile to the file with the server token");
        } catch (IOException e) {
            find(Severity.ERROR, target, "cannot be read: " + e, "run as root or with CAP_DAC_READ_SEARCH");
        }
    }

    private void agentToken(ServerToken token) throws IOException {
        Path file = dir.agentToken();
        boolean separate = Files.isReadable(file)
                && FileFacts.sizeOf(file) <= ServerToken.MAX_BYTES
                && !Arrays.equals(Files.readAllBytes(file), token.bytes());
        if (separate) {
            find(
                    Severity.INFO,
                    "k3s agent token " + file,
                    "differs from the server token and is not part of the backup",
                    "keep the value of --agent-token where the server's configuration is kept");
        }
    }

    private void find(Severity severity, String target, String problem, String remedy) {
        findings.add(new Finding(severity, target, problem, remedy));
    }
}
