package cloud.lvs.backup.sink.s3.client;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/** Knows which thread waits for which request, so that one can be given up: a blocked socket heeds no interrupt. Thread-safe. */
final class CancellableHttpClient implements SdkHttpClient {
    private final SdkHttpClient client;
    private final Map<Thread, ExecutableHttpRequest> byThread = new ConcurrentHashMap<>();

    CancellableHttpClient(SdkHttpClient client) {
        this.client = client;
    }

    /** Closes the connection on which a thread waits; to be interrupted before, so that it does not begin another request. */
    void giveUp(Thread thread) {
        ExecutableHttpRequest request = byThread.get(thread);
        if (request != null) {
            request.abort();
        }
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        ExecutableHttpRequest prepared = client.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                Thread self = Thread.currentThread();
                byThread.put(self, prepared);
                try {
                    if (self.isInterrupted()) {
                        throw new InterruptedIOException("given up before it was sent");
                    }
                    return prepared.call();
                } finally {
                    byThread.remove(self);
                }
            }

            @Override
            public void abort() {
                prepared.abort();
            }
        };
    }

    @Override
    public String clientName() {
        return client.clientName();
    }

    @Override
    public void close() {
        client.close();
    }
}
