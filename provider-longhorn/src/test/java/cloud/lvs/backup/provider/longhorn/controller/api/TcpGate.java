package cloud.lvs.backup.provider.longhorn.controller.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands before the server on a port of its own, which can be shut: connections are cut, and new ones refused. */
public final class TcpGate implements AutoCloseable {
    private final int target;
    private final int port;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile ServerSocket listener;

    /** A gate before a port of the loopback address. */
    public TcpGate(int target) {
        this.target = target;
        listener = listen(0);
        port = listener.getLocalPort();
        start("scripted-longhorn-gate", () -> accept(listener));
    }

    /** The port in front. */
    public int port() {
        return port;
    }

    /** Cuts all connections and refuses new ones. */
    public void shut() {
        quietly(listener);
        open.forEach(TcpGate::quietly);
        open.clear();
    }

    /** Takes connections again. */
    public void reopen() {
        ServerSocket again = listen(port);
        listener = again;
        start("scripted-longhorn-gate", () -> accept(again));
    }

    @Override
    public void close() {
        shut();
    }

    private static ServerSocket listen(int port) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket from) {
        try {
            while (true) {
                Socket client = from.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                server.setTcpNoDelay(true);
                open.add(client);
                open.add(server);
                start("scripted-longhorn-to", () -> pump(client, server));
                start("scripted-longhorn-from", () -> pump(server, client));
            }
        } catch (IOException e) {
            // Shut.
        }
    }

    private void pump(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[16_384];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // Cut.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void quietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
