package cloud.lvs.backup.sink.s3.scripted;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Stands before a store: passes requests on, one for each connection, or deals with them as it is told. */
public final class Ingress implements AutoCloseable {
    /** The lines before the body of a request. */
    public record Head(List<String> lines) {
        public String method() {
            return lines.get(0).split(" ")[0];
        }

        public Optional<String> header(String name) {
            String beginning = name.toLowerCase(Locale.ROOT) + ":";
            return lines.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(beginning))
                    .map(line -> line.substring(beginning.length()).strip())
                    .findFirst();
        }

        public long length() {
            return header("Content-Length").map(Long::parseLong).orElse(0L);
        }

        Head without(String name) {
            String beginning = name.toLowerCase(Locale.ROOT) + ":";
            return new Head(lines.stream()
                    .filter(line -> !line.toLowerCase(Locale.ROOT).startsWith(beginning))
                    .toList());
        }
    }

    /** What becomes of a request. */
    @FunctionalInterface
    public interface Rule {
        /** @return what is passed on; empty if the rule has dealt with the request */
        Optional<Head> apply(Head request, Socket client) throws IOException;
    }

    public final List<Head> seen = Collections.synchronizedList(new ArrayList<>());

    private final URI store;
    private final Rule rule;
    private final ServerSocket door;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    public Ingress(ScriptedStore store, Rule rule) throws IOException {
        this.store = URI.create(store.endpoint());
        this.rule = rule;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** Answers a larger body with 413 before it has been sent, and resets the connection. */
    public static Rule limit(int bytes) {
        return (request, client) -> {
            if (request.length() <= bytes) {
                return Optional.of(request);
            }
            answer(client, "413 Request Entity Too Large");
            reset(client);
            return Optional.empty();
        };
    }

    /** Lets a larger body begin and resets the connection in the middle, without an answer. */
    public static Rule limitWithoutAWord(int bytes) {
        return (request, client) -> {
            if (request.length() <= bytes) {
                return Optional.of(request);
            }
            client.getOutputStream().write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            client.getInputStream().readNBytes(bytes);
            reset(client);
            return Optional.empty();
        };
    }

    /** Answers {@code Expect} with 417, as old proxies do. */
    public static Rule refusingToBeAsked() {
        return (request, client) -> {
            if (request.header("Expect").isEmpty()) {
                return Optional.of(request);
            }
            answer(client, "417 Expectation Failed");
            client.close();
            return Optional.empty();
        };
    }

    /** Drops {@code Expect}, so that nobody answers it. */
    public static Rule silentOnExpect() {
        return (request, client) -> Optional.of(request.without("Expect"));
    }

    /** Answers everything itself. */
    public static Rule answering(String status) {
        return (request, client) -> {
            answer(client, status);
            client.close();
            return Optional.empty();
        };
    }

    private static void answer(Socket client, String status) throws IOException {
        String page = "<html><body>" + status + "</body></html>";
        String answer = "HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: "
                + page.length() + "\r\n\r\n" + page;
        client.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().flush();
    }

    private static void reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    public String endpoint() {
        return "http://" + address();
    }

    /** Host and port. */
    public String address() {
        return "127.0.0.1:" + door.getLocalPort();
    }

    public Stream<Head> seenBodiesFrom(int bytes) {
        return List.copyOf(seen).stream().filter(request -> request.length() >= bytes);
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                threads.execute(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            Head request = head(client.getInputStream());
            if (request.lines().isEmpty()) {
                return;
            }
            seen.add(request);
            Optional<Head> passedOn = rule.apply(request, client);
            if (passedOn.isPresent()) {
                pass(passedOn.get(), client);
            }
        } catch (IOException e) {
            // Whoever asked sees it.
        }
    }

    private static Head head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0; b = in.read()) {
            if (b == '\n') {
                String text = line.toString(StandardCharsets.US_ASCII).strip();
                line.reset();
                if (text.isEmpty()) {
                    return new Head(List.copyOf(lines));
                }
                lines.add(text);
            } else {
                line.write(b);
            }
        }
        return new Head(List.of());
    }

    private void pass(Head request, Socket client) throws IOException {
        try (Socket server = new Socket(store.getHost(), store.getPort())) {
            OutputStream out = server.getOutputStream();
            String head = String.join("\r\n", request.without("Connection").lines()) + "\r\nConnection: close\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            threads.execute(() -> {
                try {
                    client.getInputStream().transferTo(out);
                } catch (IOException e) {
                    // The answer has been given.
                }
            });
            answer(server.getInputStream(), client.getOutputStream());
        }
    }

    /** The client is told that the connection ends: a later request on it would get lost. */
    private static void answer(InputStream in, OutputStream out) throws IOException {
        Head answer = head(in);
        while (!answer.lines().isEmpty() && answer.lines().get(0).startsWith("HTTP/1.1 100")) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            answer = head(in);
        }
        if (answer.lines().isEmpty()) {
            return;
        }
        String head = String.join("\r\n", answer.without("Connection").lines()) + "\r\nConnection: close\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        in.transferTo(out);
    }

    @Override
    public void close() throws IOException {
        door.close();
        threads.shutdownNow();
    }
}
