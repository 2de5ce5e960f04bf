package cloud.lvs.backup.provider.k3s;

import cloud.lvs.backup.provider.k3s.backup.BackupLayout;
import cloud.lvs.backup.provider.k3s.backup.KineChecks;
import cloud.lvs.backup.provider.k3s.backup.StagedBackup;
import cloud.lvs.backup.provider.k3s.capture.CapturePreflight;
import cloud.lvs.backup.provider.k3s.capture.DatastoreSnapshot;
import cloud.lvs.backup.provider.k3s.capture.SnapshotTaker;
import cloud.lvs.backup.provider.k3s.capture.Staleness;
import cloud.lvs.backup.provider.k3s.datastore.DataDir;
import cloud.lvs.backup.provider.k3s.datastore.Datastore;
import cloud.lvs.backup.provider.k3s.datastore.Sqlite;
import cloud.lvs.backup.provider.k3s.objects.ObjectChecks;
import cloud.lvs.backup.provider.k3s.objects.ObjectRestore;
import cloud.lvs.backup.provider.k3s.restore.DatastoreRestore;
import cloud.lvs.backup.provider.k3s.secrets.BootstrapData;
import cloud.lvs.backup.provider.k3s.secrets.SecretsProof;
import cloud.lvs.backup.provider.k3s.secrets.ServerToken;
import cloud.lvs.backup.provider.k3s.secrets.TokenFile;
import cloud.lvs.backup.provider.k3s.secrets.TokenPairing;
import cloud.lvs.backup.spi.Adoptable;
import cloud.lvs.backup.spi.ArtifactWriter;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.CaptureReport;
import cloud.lvs.backup.spi.Check;
import cloud.lvs.backup.spi.Finding;
import cloud.lvs.backup.spi.Item;
import cloud.lvs.backup.spi.ItemResult;
import cloud.lvs.backup.spi.Kind;
import cloud.lvs.backup.spi.Level;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.Verification;
import cloud.lvs.backup.toolkit.ScratchDirectory;
import cloud.lvs.backup.toolkit.StreamCopy;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The datastore of one k3s server and its token. */
final class K3sSource implements Source {
    private final K3sConfig config;
    private final ProviderContext context;
    private final DataDir dir;

    K3sSource(K3sConfig config, ProviderContext context) {
        this.config = config;
        this.context = context;
        this.dir = new DataDir(config.dataDir());
    }

    @Override
    public List<Finding> preflight(RunContext run) {
        return new CapturePreflight(config, context).findings();
    }

    @Override
    public List<Item> inventory(RunContext run) {
        try {
            return List.of(
                    Item.selected(BackupLayout.ITEM, Datastore.detect(dir).sizeBytes()));
        } catch (BackupException e) {
            return List.of(Item.unreachable(BackupLayout.ITEM, e.getMessage() + "; " + e.remedy()));
        }
    }

    @Override
    public CaptureReport capture(ArtifactWriter out, RunContext run) throws IOException, InterruptedException {
        try (ScratchDirectory scratch = ScratchDirectory.in(context.scratchDirectory(), "k3s-", run::warn)) {
            DatastoreSnapshot snapshot = new SnapshotTaker(config, run).take(scratch.path());
            run.checkpoint();
            ServerToken token = token();
            KineChecks checked = KineChecks.of(snapshot.file(), config.check(), token);
            refuseBroken(checked, snapshot);
            SecretsProof secrets = SecretsProof.of(snapshot.file(), checked.pairing(), dir);
            warnOf(checked, run);
            warnOf(secrets, run);

            Map<String, String> facts = new TreeMap<>(checked.facts());
            facts.putAll(secrets.facts());
            facts.putAll(snapshot.facts());
            Staleness staleness = Staleness.of(checked.maxId(), snapshot.lastWritten(), run.newest());
            facts.putAll(staleness.facts());
            staleness.warning(context.clock().instant()).ifPresent(run::warn);
            out.write(BackupLayout.database(), stream -> {
                copy(snapshot.file(), stream, run);
                return Map.of("maxId", Long.toString(checked.maxId()));
            });
            if (token != null) {
                out.write(BackupLayout.token(), stream -> {
                    stream.write(token.bytes());
                    return Map.of();
                });
            }
            return new CaptureReport(List.of(ItemResult.done(BackupLayout.ITEM, facts)), identity(checked, staleness));
        }
    }

    private @Nullable ServerToken token() throws BackupException {
        return new TokenFile(config)
                .read()
                .map(token -> token.redactedBy(context))
                .orElse(null);
    }

    private void refuseBroken(KineChecks checked, DatastoreSnapshot snapshot) throws BackupException {
        Optional<String> failure = checked.failure();
        if (failure.isPresent()) {
            throw new BackupException(
                    Kind.SOURCE,
                    "k3s datastore " + dir.database(),
                    "is not fit to be restored: " + failure.get(),
                    failure.get().startsWith("token")
                            ? "find the token k3s runs with (--token, K3S_TOKEN, or server/token) and set tokenFile"
                            : "check the disk and the k3s log; keep older backups until this is mended");
        }
        long pinned = snapshot.pinned().maxId();
        boolean exact = snapshot.method() == K3sConfig.Method.SNAPSHOT_COPY;
        if (exact ? checked.maxId() != pinned : checked.maxId() < pinned) {
            throw new BackupException(
                    Kind.SOURCE,
                    "k3s datastore " + dir.database(),
                    "was at revision " + pinned + " but its copy is at " + checked.maxId(),
                    "run again; if it recurs, check the disk");
        }
    }

    private void warnOf(KineChecks checked, RunContext run) {
        checked.checks().stream()
                .filter(check -> check.status() == Check.Status.WARNED)
                .forEach(check -> run.warn(check.name() + ": " + check.detail()));
        Optional<Map<String, String>> before = run.previous().flatMap(BackupLayout::factsOf);
        BackupLayout.number(before, "maxId").ifPresent(previous -> {
            if (checked.maxId() < previous) {
                run.warn("max(id) is " + checked.maxId() + ", below " + previous
                        + " of the previous backup: the cluster was set up anew or restored from an older backup.");
            }
        });
        BackupLayout.number(before, "liveObjects").ifPresent(previous -> {
            if (2 * checked.liveObjects() < previous) {
                run.warn("The datastore holds " + checked.liveObjects() + " live objects, less than half of the "
                        + previous + " of the previous backup.");
            }
        });
    }

    /** The datastore is saved nevertheless: what cannot be read today may be all there is tomorrow. */
    private static void warnOf(SecretsProof secrets, RunContext run) {
        secrets.checks().stream()
                .filter(check -> check.status() != Check.Status.PASSED)
                .forEach(check -> run.warn(check.name() + ": " + check.detail()
                        + (check.status() == Check.Status.FAILED
                                ? "; a server built from this backup would not become ready"
                                : "")));
    }

    private Map<String, String> identity(KineChecks checked, Staleness staleness) throws BackupException {
        Map<String, String> identity = new TreeMap<>();
        identity.put("dataDir", config.dataDir().toString());
        identity.put("revision", Long.toString(checked.maxId()));
        identity.put(CaptureReport.LAST_WRITTEN, staleness.since().toString());
        identity.put("compactRevision", Long.toString(checked.compactRevision()));
        try {
            identity.put("sqliteVersion", Sqlite.version());
        } catch (SQLException e) {
            throw new BackupException(Kind.FAILED, "SQLite", "does not tell its version", "see the cause", e);
        }
        TokenPairing pairing = checked.pairing();
        BootstrapData data = pairing == null ? null : pairing.data();
        if (data != null) {
            data.caHash().ifPresent(hash -> identity.put("clusterCaSha256", hash));
        }
        return identity;
    }

    private static void copy(Path file, OutputStream out, RunContext run) throws IOException, InterruptedException {
        long size = Files.size(file);
        // Not Files.newInputStream: its channel closes when the thread is interrupted.
        try (InputStream in = new FileInputStream(file.toFile())) {
            if (StreamCopy.copyExpected(in, out, BackupLayout.ITEM, size, run) != size) {
                throw new IOException("the copy changed while it was read: " + file);
            }
        }
    }

    @Override
    public Verification verify(BackupReader backup, Level level, RunContext run)
            throws IOException, InterruptedException {
        try (ScratchDirectory scratch = ScratchDirectory.in(context.scratchDirectory(), "k3s-", run::warn)) {
            StagedBackup staged = StagedBackup.fetch(backup, scratch.path(), config, context, run);
            List<Check> checks = new ArrayList<>(staged.checks());
            if (staged.kine().failure().isEmpty()) {
                checks.addAll(ObjectChecks.of(staged.database(), staged.kine().pairing(), run));
            }
            return new Verification(checks);
        }
    }

    @Override
    public RestoreReport restore(BackupReader backup, RestoreRequest request, RunContext run)
            throws IOException, InterruptedException {
        return K3sRestoreOptions.of(request).objects().isEmpty()
                ? new DatastoreRestore(config, context, backup, request, run).execute()
                : new ObjectRestore(context, backup, request, run).execute();
    }

    @Override
    public List<Adoptable> adoptable(RunContext run) {
        return List.of(new Adoptable(
                "k3s-sqlite CronJob",
                List.of(
                        new Adoptable.Member(
                                BackupLayout.ITEM,
                                BackupLayout.DATABASE_ROLE,
                                legacy("k3s-sqlite", "\\.db\\.gz"),
                                List.of("gzip"),
                                Adoptable.Presence.REQUIRED,
                                "> state.db"),
                        new Adoptable.Member(
                                BackupLayout.ITEM,
                                BackupLayout.TOKEN_ROLE,
                                legacy("k3s-token", "\\.gz"),
                                List.of("gzip"),
                                Adoptable.Presence.OPTIONAL,
                                "> token")),
                List.of(
                        new Adoptable.Lookalike(
                                legacy("k3s-token", ""),
                                "it is not compressed; store it as <key>.gz, and it goes with the database of its second"),
                        new Adoptable.Lookalike(
                                legacy("k3s-sqlite", "\\.db"), "it is not compressed; store it as <key>.gz"),
                        new Adoptable.Lookalike(
                                Pattern.compile("(.*/)?k3s-(sqlite|token)-[^/]*"),
                                "its key is none of YYYY/MM/k3s-sqlite-<timestamp>.db.gz and"
                                        + " YYYY/MM/k3s-token-<timestamp>.gz"))));
    }

    private static Pattern legacy(String stem, String extension) {
        return Pattern.compile("\\d{4}/\\d{2}/" + stem + "-(?<timestamp>\\d{8}T\\d{6}Z)" + extension);
    }

    /** Holds nothing open between two calls. */
    @Override
    public void close() {}
}
