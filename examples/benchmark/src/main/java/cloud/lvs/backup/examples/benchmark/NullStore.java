package cloud.lvs.backup.examples.benchmark;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * An S3 store over https that throws away what it is given, and remembers only how much that was: as little work as a server
 * can do, so that what is left is the client's. Run as a process of its own; ends when its standard input does.
 */
final class NullStore {
    private static final int BUFFER = 64 * 1024;

    /** How many bytes were put under a path. */
    private final Map<String, AtomicLong> sizes = new ConcurrentHashMap<>();

    private NullStore() {}

    /** Arguments: a PKCS #12 key store and its password. Prints the port. */
    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        ServerSocket server = tls(Path.of(arguments[0]), arguments[1].toCharArray())
                .getServerSocketFactory()
                .createServerSocket(0, 16, InetAddress.getLoopbackAddress());
        System.out.println(server.getLocalPort());
        NullStore store = new NullStore();
        Thread accepting = new Thread(() -> store.accept(server));
        accepting.setDaemon(true);
        accepting.start();
        while (System.in.read() >= 0) {
            // Until whoever started this is gone.
        }
    }

    private static SSLContext tls(Path keyStore, char[] password) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keyStore)) {
            keys.load(in, password);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private void accept(ServerSocket server) {
        while (true) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread thread = new Thread(() -> serve(socket));
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
                OutputStream out = socket.getOutputStream()) {
            byte[] buffer = new byte[BUFFER];
            for (String request = line(in); !request.isEmpty(); request = line(in)) {
                long length = 0;
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    String value = header.substring(header.indexOf(':') + 1).strip();
                    if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                        length = Long.parseLong(value);
                    } else if (header.regionMatches(true, 0, "expect:", 0, 7)) {
                        send(out, "HTTP/1.1 100 Continue\r\n\r\n");
                    }
                }
                skip(in, length, buffer);
                send(out, answer(request, length));
            }
        } catch (IOException e) {
            // The client has gone.
        }
    }

    private String answer(String request, long length) {
        String[] words = request.split(" ");
        String[] target = words[1].split("\\?", 2);
        String query = target.length > 1 ? target[1] : "";
        AtomicLong size = sizes.computeIfAbsent(target[0], path -> new AtomicLong());
        return switch (words[0]) {
            case "PUT" -> {
                if (query.contains("partNumber=")) {
                    size.addAndGet(length);
                } else {
                    size.set(length);
                }
                yield response("");
            }
            case "POST" -> {
                if (query.startsWith("uploads")) {
                    size.set(0);
                    yield response(
                            "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
                }
                yield response("<CompleteMultipartUploadResult><ETag>opaque</ETag></CompleteMultipartUploadResult>");
            }
            case "HEAD" ->
                "HTTP/1.1 200 OK\r\nLast-Modified: Sun, 22 Nov 2026 03:00:00 GMT\r\nContent-Length: " + size
                        + "\r\n\r\n";
            default -> "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n";
        };
    }

    private static String response(String content) {
        return "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: " + content.length() + "\r\n\r\n"
                + content;
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** A line without its end; empty also at the end of the stream. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private static void skip(InputStream in, long length, byte[] buffer) throws IOException {
        long left = length;
        while (left > 0) {
            int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
            if (n < 0) {
                throw new EOFException();
            }
            left -= n;
        }
    }
}
