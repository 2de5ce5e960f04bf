package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import java.nio.file.Path;

/** Sinks as their provider makes them, where nothing in the environment says anything. */
final class TestSinks {
    private TestSinks() {}

    static S3Sink in(ScriptedStore store) {
        return of(store.config().build());
    }

    static S3Sink of(S3SinkConfig config) {
        return (S3Sink) new S3SinkProvider(name -> null).create(config, new TestProviderContext(Path.of("target")));
    }
}
