package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.sink.s3.scripted.ScriptedStore;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands before a store that speaks TLS, and counts the records that clients send; their header is in the clear (RFC 8446, 5.1). */
final class RecordCounter implements AutoCloseable {
    private static final int HEADER = 5;
    private static final int LARGE = 16 * 1024;

    private final URI store;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger large = new AtomicInteger();

    private RecordCounter(URI store) throws IOException {
        this.store = store;
    }

    static RecordCounter before(ScriptedStore store) throws IOException {
        RecordCounter counter = new RecordCounter(URI.create(store.endpoint()));
        counter.threads.execute(counter::listen);
        return counter;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** How many records carried as much as a record may. */
    int largeRecords() {
        return large.get();
    }

    private void listen() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Socket server = new Socket(store.getHost(), store.getPort());
                threads.execute(() -> relay(client, server));
                threads.execute(() -> answer(server, client));
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void relay(Socket client, Socket server) {
        try (client;
                server) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            OutputStream out = server.getOutputStream();
            byte[] header = new byte[HEADER];
            while (true) {
                in.readFully(header);
                int length = (header[3] & 0xff) << 8 | header[4] & 0xff;
                byte[] content = in.readNBytes(length);
                if (length >= LARGE) {
                    large.incrementAndGet();
                }
                out.write(header);
                out.write(content);
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private static void answer(Socket server, Socket client) {
        try (client;
                server;
                InputStream in = server.getInputStream()) {
            in.transferTo(client.getOutputStream());
        } catch (IOException e) {
            // The client has gone.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        threads.shutdownNow();
    }
}
