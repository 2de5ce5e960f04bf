package cloud.lvs.backup.sink.s3;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.ProtocolException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection that sends its request's body in blocks. The SDK hands over 4 KiB at a time, and the JDK's connection flushes
 * each, which makes as many TLS records and system calls: that costs the store more than anything else about an upload. One
 * thread.
 */
final class BlockwiseConnection extends HttpURLConnection {
    /** Four TLS records of the largest size. */
    private static final int BLOCK = 64 * 1024;

    private final HttpURLConnection connection;
    private @Nullable OutputStream body;

    BlockwiseConnection(HttpURLConnection connection) {
        super(connection.getURL());
        this.connection = connection;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        if (body == null) {
            body = new BufferedOutputStream(connection.getOutputStream(), BLOCK);
        }
        return body;
    }

    @Override
    public int getResponseCode() throws IOException {
        if (body != null) {
            body.flush();
        }
        return connection.getResponseCode();
    }

    // The rest as it is

    @Override
    public void setRequestMethod(String method) throws ProtocolException {
        connection.setRequestMethod(method);
    }

    @Override
    public String getRequestMethod() {
        return connection.getRequestMethod();
    }

    @Override
    public void setRequestProperty(String key, String value) {
        connection.setRequestProperty(key, value);
    }

    @Override
    public void addRequestProperty(String key, String value) {
        connection.addRequestProperty(key, value);
    }

    @Override
    public void setDoOutput(boolean output) {
        connection.setDoOutput(output);
    }

    @Override
    public void setInstanceFollowRedirects(boolean follow) {
        connection.setInstanceFollowRedirects(follow);
    }

    @Override
    public void setFixedLengthStreamingMode(int length) {
        connection.setFixedLengthStreamingMode(length);
    }

    @Override
    public void setFixedLengthStreamingMode(long length) {
        connection.setFixedLengthStreamingMode(length);
    }

    @Override
    public void setChunkedStreamingMode(int chunk) {
        connection.setChunkedStreamingMode(chunk);
    }

    @Override
    public void connect() throws IOException {
        connection.connect();
    }

    @Override
    public String getResponseMessage() throws IOException {
        return connection.getResponseMessage();
    }

    @Override
    public @Nullable String getHeaderField(String name) {
        return connection.getHeaderField(name);
    }

    @Override
    public Map<String, List<String>> getHeaderFields() {
        return connection.getHeaderFields();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return connection.getInputStream();
    }

    @Override
    public @Nullable InputStream getErrorStream() {
        return connection.getErrorStream();
    }

    @Override
    public boolean usingProxy() {
        return connection.usingProxy();
    }

    @Override
    public void disconnect() {
        connection.disconnect();
    }
}
