package cloud.lvs.backup.sink.s3.client;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A connection that sends its request's body in blocks. The SDK hands over 4 KiB at a time, and the JDK's connection flushes
 * each, which makes as many TLS records and system calls: that costs the store more than anything else about an upload.
 *
 * <p>Before a large body the SDK asks with {@code Expect: 100-continue}. Whoever does not answer that, or refuses it (417), is
 * not asked again. One thread, but for {@link #disconnect}.
 */
final class BlockwiseConnection extends HttpURLConnection {
    /** Four TLS records of the largest size. */
    private static final int BLOCK = 64 * 1024;

    /** From here on the SDK asks before it sends a body, and limits of a proxy are likely. */
    private static final int LARGE = 1 << 20;
    /** A little less than the five seconds after which the JDK's connection sends the body unasked. */
    private static final Duration UNANSWERED = Duration.ofMillis(4_900);

    private static final String EXPECT = "Expect";

    private final HttpURLConnection connection;
    private final PeerCapabilities peer;
    private long length;
    private boolean asks;
    /** The status that was answered to the question; of the answer the JDK's connection keeps nothing else. */
    private int refusal;

    private @Nullable OutputStream body;

    BlockwiseConnection(HttpURLConnection connection, PeerCapabilities peer) {
        super(connection.getURL());
        this.connection = connection;
        this.peer = peer;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        if (body == null) {
            body = new BufferedOutputStream(new Body(asks ? answered() : connection.getOutputStream()), BLOCK);
        }
        return body;
    }

    /** The body's stream when the question whether to send it was answered, or was not. */
    private OutputStream answered() throws IOException {
        long asked = System.nanoTime();
        try {
            OutputStream stream = connection.getOutputStream();
            if (System.nanoTime() - asked > UNANSWERED.toNanos()) {
                peer.doNotAsk();
            }
            return stream;
        } catch (SocketTimeoutException e) {
            throw notToBeAsked(e);
        } catch (ProtocolException e) {
            int code = connection.getResponseCode();
            if (code == 417) {
                throw notToBeAsked(e);
            }
            refusal = code;
            throw e;
        }
    }

    /** The request is then repeated without the question. */
    private IOException notToBeAsked(IOException answer) {
        peer.doNotAsk();
        return new IOException("Expect: 100-continue was not answered", answer);
    }

    @Override
    public int getResponseCode() throws IOException {
        if (refusal != 0) {
            return refusal;
        }
        if (body != null) {
            body.flush();
        }
        int code;
        try {
            code = connection.getResponseCode();
        } catch (SocketException e) {
            throw "Connection reset".equals(e.getMessage()) ? refused(e) : e;
        }
        if (code < 300) {
            peer.took(length);
        }
        return code;
    }

    private IOException refused(IOException cut) {
        return length >= LARGE && !peer.hasTakenAbout(length) ? new BodyRefusedException(cut) : cut;
    }

    /** Tells a connection that is cut while the body is sent. */
    private final class Body extends FilterOutputStream {
        Body(OutputStream stream) {
            super(stream);
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            try {
                out.write(bytes, offset, count);
            } catch (IOException e) {
                throw refused(e);
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                out.flush();
            } catch (IOException e) {
                throw refused(e);
            }
        }
    }

    @Override
    public void setRequestProperty(String key, String value) {
        if (isToBeSent(key)) {
            connection.setRequestProperty(key, value);
        }
    }

    @Override
    public void addRequestProperty(String key, String value) {
        if (isToBeSent(key)) {
            connection.addRequestProperty(key, value);
        }
    }

    private boolean isToBeSent(String header) {
        if (!header.equalsIgnoreCase(EXPECT)) {
            return true;
        }
        asks = peer.isToBeAsked();
        return asks;
    }

    @Override
    public void setFixedLengthStreamingMode(int bytes) {
        length = bytes;
        connection.setFixedLengthStreamingMode(bytes);
    }

    @Override
    public void setFixedLengthStreamingMode(long bytes) {
        length = bytes;
        connection.setFixedLengthStreamingMode(bytes);
    }

    // Asked for what it has not kept, the JDK's connection would send the request again

    @Override
    public String getResponseMessage() throws IOException {
        return refusal != 0 ? "refused" : connection.getResponseMessage();
    }

    @Override
    public @Nullable String getHeaderField(String name) {
        return refusal != 0 ? null : connection.getHeaderField(name);
    }

    @Override
    public Map<String, List<String>> getHeaderFields() {
        return refusal != 0 ? Map.of() : connection.getHeaderFields();
    }

    @Override
    public @Nullable InputStream getErrorStream() {
        return refusal != 0 ? null : connection.getErrorStream();
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
    public void setDoOutput(boolean output) {
        connection.setDoOutput(output);
    }

    @Override
    public void setInstanceFollowRedirects(boolean follow) {
        connection.setInstanceFollowRedirects(follow);
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
    public InputStream getInputStream() throws IOException {
        return connection.getInputStream();
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
