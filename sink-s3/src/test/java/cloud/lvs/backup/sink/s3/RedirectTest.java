package cloud.lvs.backup.sink.s3;

import static cloud.lvs.backup.sink.s3.TestObjects.key;
import static cloud.lvs.backup.sink.s3.TestObjects.keys;
import static cloud.lvs.backup.sink.s3.TestObjects.put;
import static cloud.lvs.backup.sink.s3.TestObjects.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Operation;
import cloud.lvs.backup.sink.s3.scripted.ScriptedStore.Reaction;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store that sends its clients elsewhere: neither credentials nor anything else go there. */
class RedirectTest {
    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void nothingFollowsARedirect(int status) throws Exception {
        try (ScriptedStore store = new ScriptedStore();
                ScriptedStore elsewhere = new ScriptedStore();
                S3Sink sink = TestSinks.in(store)) {
            elsewhere.keep("a", new byte[] {1});
            Reaction redirect = call -> {
                call.exchange()
                        .getResponseHeaders()
                        .set("Location", elsewhere.endpoint() + call.exchange().getRequestURI());
                call.answer(status, "");
            };
            for (Operation operation : Operation.values()) {
                store.always(operation, redirect);
            }

            for (ThrowingCallable request : List.<ThrowingCallable>of(
                    () -> put(sink, "a", "x"),
                    () -> sink.createIfAbsent(key("a"), new byte[] {1}),
                    () -> sink.stat(key("a")),
                    () -> read(sink, "a"),
                    () -> keys(sink),
                    () -> sink.delete(List.of(key("a"))))) {
                assertThat(catchThrowable(request)).hasMessageContaining("another region or at another address");
            }
            assertThat(elsewhere.seen).isEmpty();
        }
    }
}
