package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.provider.postgres.PostgresConfig.Contents;
import cloud.lvs.backup.provider.postgres.PostgresConfig.Format;
import cloud.lvs.backup.provider.postgres.PostgresConfig.Layout;
import cloud.lvs.backup.provider.postgres.PostgresConfig.SplitTables;
import cloud.lvs.backup.provider.postgres.PostgresConfig.SslMode;
import cloud.lvs.backup.spi.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the parts of a {@link PostgresConfig}; what is not said has the default that the documentation names. */
public final class PostgresConfigBuilder {
    private final String host;
    private int port = 5432;
    private String user = "postgres";
    private @Nullable Secret password;
    private @Nullable Path passwordFile;
    private String maintenanceDatabase = "postgres";
    private SslMode sslMode = SslMode.PREFER;
    private @Nullable Path sslRootCert;
    private @Nullable Path sslCert;
    private @Nullable Path sslKey;
    private @Nullable Path binDirectory;
    private Format format = Format.CUSTOM;
    private Layout layout = Layout.DATABASES;
    private List<String> include = List.of();
    private List<String> exclude = List.of();
    private List<String> excludeTableData = List.of();
    private @Nullable Integer parallelism;
    private @Nullable SplitTables splitTables;
    private Duration lockWaitTimeout = Duration.ofMinutes(5);
    private @Nullable Duration timeout;
    private Contents contents = Contents.NONE;
    private boolean allowMissingSubscriptions;
    private boolean rolePasswords = true;

    PostgresConfigBuilder(String host) {
        this.host = host;
    }

    public PostgresConfigBuilder port(int number) {
        port = number;
        return this;
    }

    public PostgresConfigBuilder user(String role) {
        user = role;
        return this;
    }

    public PostgresConfigBuilder password(Secret secret) {
        password = secret;
        return this;
    }

    public PostgresConfigBuilder passwordFile(Path file) {
        passwordFile = file;
        return this;
    }

    public PostgresConfigBuilder maintenanceDatabase(String name) {
        maintenanceDatabase = name;
        return this;
    }

    public PostgresConfigBuilder sslMode(SslMode mode) {
        sslMode = mode;
        return this;
    }

    public PostgresConfigBuilder sslRootCert(Path file) {
        sslRootCert = file;
        return this;
    }

    public PostgresConfigBuilder clientCertificate(Path certificate, Path key) {
        sslCert = certificate;
        sslKey = key;
        return this;
    }

    public PostgresConfigBuilder binDirectory(Path directory) {
        binDirectory = directory;
        return this;
    }

    public PostgresConfigBuilder format(Format dumpFormat) {
        format = dumpFormat;
        return this;
    }

    public PostgresConfigBuilder layout(Layout artifacts) {
        layout = artifacts;
        return this;
    }

    public PostgresConfigBuilder include(String... globs) {
        include = List.of(globs);
        return this;
    }

    public PostgresConfigBuilder exclude(String... globs) {
        exclude = List.of(globs);
        return this;
    }

    public PostgresConfigBuilder excludeTableData(String... globs) {
        excludeTableData = List.of(globs);
        return this;
    }

    public PostgresConfigBuilder parallelism(int processes) {
        parallelism = processes;
        return this;
    }

    public PostgresConfigBuilder splitTables(SplitTables split) {
        splitTables = split;
        return this;
    }

    public PostgresConfigBuilder lockWaitTimeout(Duration limit) {
        lockWaitTimeout = limit;
        return this;
    }

    public PostgresConfigBuilder timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    public PostgresConfigBuilder contents(Contents recorded) {
        contents = recorded;
        return this;
    }

    /** A backup without its subscriptions is good enough. */
    public PostgresConfigBuilder allowMissingSubscriptions() {
        allowMissingSubscriptions = true;
        return this;
    }

    /** The password verifiers of the roles stay out of the backup. */
    public PostgresConfigBuilder withoutRolePasswords() {
        rolePasswords = false;
        return this;
    }

    /** @throws IllegalArgumentException if the parts do not fit together; names the key */
    public PostgresConfig build() {
        return new PostgresConfig(
                host,
                port,
                user,
                password,
                passwordFile,
                maintenanceDatabase,
                sslMode,
                sslRootCert,
                sslCert,
                sslKey,
                binDirectory,
                format,
                layout,
                include,
                exclude,
                excludeTableData,
                parallelism,
                splitTables,
                lockWaitTimeout,
                timeout,
                contents,
                allowMissingSubscriptions,
                rolePasswords);
    }
}
