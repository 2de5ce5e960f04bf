package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.contract.TestRunContext;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Ownership;
import cloud.lvs.backup.provider.postgres.PostgresRestoreOptions.Roles;
import cloud.lvs.backup.provider.postgres.testing.TestCluster;
import cloud.lvs.backup.spi.BackupReader;
import cloud.lvs.backup.spi.RestoreReport;
import cloud.lvs.backup.spi.RestoreRequest;
import cloud.lvs.backup.spi.RestoreRequest.Consent;
import cloud.lvs.backup.spi.RestoreRequest.Mode;
import cloud.lvs.backup.spi.RestoreTarget;
import cloud.lvs.backup.spi.RunContext;
import cloud.lvs.backup.spi.Source;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A restore as an operator would ask for it. */
final class Restoring {
    private final BackupReader backup;
    private final RestoreTarget target;
    private final Path scratch;
    private final List<String> items = new ArrayList<>();
    private PostgresConfig config =
            PostgresConfig.at("nowhere.invalid").user(TestCluster.SUPERUSER).build();
    private Consent consent = Consent.NOT_GIVEN;
    private Mode mode = Mode.EXECUTE;
    private RunContext run = new TestRunContext();
    private @Nullable String as;
    private @Nullable String table;
    private @Nullable String server;
    private @Nullable Integer parallelism;
    private int jobs = 1;
    private Ownership ownership = Ownership.KEEP;
    private Roles roles = Roles.KEEP;

    private Restoring(BackupReader backup, RestoreTarget target, Path scratch) {
        this.backup = backup;
        this.target = target;
        this.scratch = scratch;
    }

    static Restoring of(BackupReader backup, TestCluster to, Path scratch) {
        return new Restoring(backup, new RestoreTarget.Place(to.url()), scratch);
    }

    static Restoring of(BackupReader backup, RestoreTarget target, Path scratch) {
        return new Restoring(backup, target, scratch);
    }

    Restoring item(String item) {
        items.add(item);
        return this;
    }

    Restoring configured(TestCluster cluster) {
        config = PostgresConfig.at(cluster.socketDirectory().toString())
                .port(cluster.port())
                .user(TestCluster.SUPERUSER)
                .build();
        return this;
    }

    Restoring as(String name) {
        as = name;
        return this;
    }

    Restoring table(String name) {
        table = name;
        return this;
    }

    Restoring drillOn(String url) {
        server = url;
        return this;
    }

    Restoring parallelism(int databases) {
        parallelism = databases;
        return this;
    }

    Restoring jobs(int count) {
        jobs = count;
        return this;
    }

    Restoring ignoringOwnership() {
        ownership = Ownership.IGNORE;
        return this;
    }

    Restoring replacingRoles() {
        roles = Roles.REPLACE;
        return this;
    }

    Restoring withConsent() {
        consent = Consent.GIVEN;
        return this;
    }

    Restoring dry() {
        mode = Mode.DRY_RUN;
        return this;
    }

    Restoring in(RunContext context) {
        run = context;
        return this;
    }

    RestoreReport execute() throws Exception {
        PostgresRestoreOptions options =
                new PostgresRestoreOptions(as, table, parallelism, jobs, server, null, null, ownership, roles);
        try (Source source = new PostgresSourceProvider().create(config, new TestProviderContext(scratch))) {
            return source.restore(backup, new RestoreRequest(target, items, options, consent, mode), run);
        }
    }
}
