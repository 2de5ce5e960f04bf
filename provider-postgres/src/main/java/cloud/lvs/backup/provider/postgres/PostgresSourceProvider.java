package cloud.lvs.backup.provider.postgres;

import cloud.lvs.backup.provider.postgres.program.Programs;
import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Secret;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Makes sources of type {@code postgres}: all databases, roles and tablespaces of a PostgreSQL cluster. */
public final class PostgresSourceProvider implements SourceProvider<PostgresConfig> {
    private final @Nullable String searchPath;
    private final @Nullable String password;

    /**
     * Looks for {@code pg_dump} along the {@code PATH} of this process, among other places. {@code PGPASSWORD} is the password
     * of a server that a restore names by its URL, and of no other.
     */
    public PostgresSourceProvider() {
        this(System::getenv);
    }

    PostgresSourceProvider(UnaryOperator<@Nullable String> environment) {
        this.searchPath = environment.apply("PATH");
        this.password = environment.apply("PGPASSWORD");
    }

    @Override
    public String type() {
        return "postgres";
    }

    @Override
    public Class<PostgresConfig> configType() {
        return PostgresConfig.class;
    }

    @Override
    public Class<PostgresRestoreOptions> restoreType() {
        return PostgresRestoreOptions.class;
    }

    @Override
    public Source create(PostgresConfig config, ProviderContext context) {
        return new PostgresSource(
                config,
                context,
                Programs.searching(config.binDirectory(), searchPath),
                Optional.ofNullable(password).map(Secret::new));
    }
}
