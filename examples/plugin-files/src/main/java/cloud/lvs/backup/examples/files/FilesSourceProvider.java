package cloud.lvs.backup.examples.files;

import cloud.lvs.backup.spi.ProviderContext;
import cloud.lvs.backup.spi.Source;
import cloud.lvs.backup.spi.SourceProvider;

/** {@code type: files}; named in {@code META-INF/services}. */
public final class FilesSourceProvider implements SourceProvider<FilesConfig> {
    @Override
    public String type() {
        return "files";
    }

    @Override
    public Class<FilesConfig> configType() {
        return FilesConfig.class;
    }

    @Override
    public Source create(FilesConfig config, ProviderContext context) {
        return new FilesSource(config);
    }
}
