package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.scripted.ScriptedStore.error;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.spi.Secret;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

@Tag("today")
class AppendOnlyTest extends AppendOnlyContract {
    private static final String WRITER = "writers-id";

    private final ScriptedStore store;

    AppendOnlyTest() throws IOException {
        super(TestTime.now());
        store = new ScriptedStore(clock);
    }

    @Override
    void newBucket() {
        for (Operation operation : List.of(
                Operation.DELETE,
                Operation.DELETE_MANY,
                Operation.ABORT,
                Operation.LIST_UPLOADS,
                Operation.LIST_VERSIONS,
                Operation.VERSIONING)) {
            store.always(operation, call -> {
                if (call.exchange()
                        .getRequestHeaders()
                        .getFirst("Authorization")
                        .contains(WRITER)) {
                    call.answer(403, error("AccessDenied"));
                } else {
                    call.properly();
                }
            });
        }
    }

    @AfterEach
    void stop() {
        store.close();
    }

    @Override
    S3Sink writer() {
        return TestSinks.of(
                store.config().keys(new Secret(WRITER), new Secret("s")).build());
    }

    @Override
    S3Sink keeper() {
        return TestSinks.in(store);
    }

    @Override
    List<String> keys() {
        return List.copyOf(store.objects.keySet());
    }

    @Override
    int unfinishedUploads() {
        return store.uploads.size();
    }
}
