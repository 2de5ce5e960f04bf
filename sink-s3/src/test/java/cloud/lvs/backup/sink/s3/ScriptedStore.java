package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.contract.TestProviderContext;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** As much of an S3 server as the sink needs, which goes wrong as told: each reaction is used for one request. */
final class ScriptedStore implements AutoCloseable {
    static final String ID = "AKIDSCRIPTED";
    static final String SECRET = "scripted-secret-4be1";
    static final String BUCKET = "bucket";

    /** What can be asked. */
    enum Operation {
        PUT,
        GET,
        HEAD,
        DELETE,
        LIST,
        BEGIN,
        PART,
        COMPLETE,
        ABORT,
        LIST_UPLOADS,
        DELETE_MANY,
        HEAD_BUCKET,
        CREATE_BUCKET
    }

    /** What to do instead of answering properly. */
    @FunctionalInterface
    interface Reaction {
        void to(Call call) throws IOException;
    }

    /** An object and what the store tells of it. */
    record Kept(byte[] bytes, String etag, String writeId) {}

    /** One request. */
    record Call(
            ScriptedStore store, Operation operation, String key, String query, byte[] body, HttpExchange exchange) {
        void answer(int status, String content) throws IOException {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/xml");
            boolean none = operation == Operation.HEAD || operation == Operation.HEAD_BUCKET || bytes.length == 0;
            exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
            if (!none) {
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        }

        void properly() throws IOException {
            store.handle(this);
        }

        String parameter(String name) {
            Matcher matcher = Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(query);
            return matcher.find() ? URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8) : "";
        }
    }

    final Map<String, Kept> objects = new ConcurrentSkipListMap<>();
    final Map<String, SortedMap<Integer, byte[]>> uploads = new ConcurrentSkipListMap<>();
    final List<Operation> seen = Collections.synchronizedList(new ArrayList<>());

    private final Map<String, String> uploadWriteIds = new ConcurrentSkipListMap<>();
    private final Map<Operation, Deque<Reaction>> script = new EnumMap<>(Operation.class);
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    ScriptedStore() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::receive);
        server.setExecutor(threads);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    S3SinkConfig.Builder config() {
        return S3SinkConfig.builder(BUCKET)
                .endpoint(endpoint())
                .allowPlainHttp()
                .keys(new Secret(ID), new Secret(SECRET))
                .parts(new ByteSize(5L << 20), 2, 10_000)
                .requestTimeout(Duration.ofSeconds(20))
                .patience(Duration.ofSeconds(1));
    }

    S3Sink sink() {
        return sink(config().build());
    }

    static S3Sink sink(S3SinkConfig config) {
        return (S3Sink) new S3SinkProvider(name -> null).create(config, new TestProviderContext(Path.of("target")));
    }

    ScriptedStore on(Operation operation, Reaction... reactions) {
        synchronized (script) {
            script.computeIfAbsent(operation, any -> new ArrayDeque<>()).addAll(Arrays.asList(reactions));
        }
        return this;
    }

    /** The same for as many requests as come. */
    ScriptedStore always(Operation operation, Reaction reaction) {
        return on(operation, Collections.nCopies(200, reaction).toArray(Reaction[]::new));
    }

    static Reaction refuse(int status, String code) {
        return call -> call.answer(status, error(code));
    }

    static Reaction say(int status, String content) {
        return call -> call.answer(status, content);
    }

    /** Closes the connection instead of answering. */
    static Reaction hangUp() {
        return call -> call.exchange().close();
    }

    /** Does what was asked but closes the connection before the answer. */
    static Reaction doItAndHangUp() {
        return call -> {
            call.store().perform(call);
            call.exchange().close();
        };
    }

    /** Promises the first range of an object and closes the connection in the middle. */
    static Reaction breakOffAfter(int bytes) {
        return call -> {
            byte[] content = call.store().bytes(call.key());
            int length = Math.min(content.length, 8 << 20);
            call.exchange().getResponseHeaders().set("Content-Range", "bytes 0-" + (length - 1) + "/" + content.length);
            call.exchange().sendResponseHeaders(206, length);
            call.exchange().getResponseBody().write(content, 0, bytes);
            call.exchange().getResponseBody().flush();
            call.exchange().close();
        };
    }

    static String error(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code><Message>the " + ID
                + " key</Message><RequestId>1</RequestId></Error>";
    }

    long count(Operation operation) {
        synchronized (seen) {
            return seen.stream().filter(operation::equals).count();
        }
    }

    /** The bytes of an object that is there. */
    byte[] bytes(String key) {
        return Objects.requireNonNull(objects.get(key), key).bytes();
    }

    void keep(String key, byte[] bytes) {
        objects.put(key, new Kept(bytes, hex(bytes), ""));
    }

    private void receive(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getRawPath().split("/", 3);
        String key = path.length > 2 ? decoded(path[2]) : "";
        String rawQuery = exchange.getRequestURI().getRawQuery();
        String query = rawQuery == null ? "" : rawQuery;
        Operation operation = operation(exchange.getRequestMethod(), key, query);
        seen.add(operation);
        byte[] body = exchange.getRequestBody().readAllBytes();
        Call call = new Call(this, operation, key, query, body, exchange);
        @Nullable Reaction reaction;
        synchronized (script) {
            Deque<Reaction> reactions = script.get(operation);
            reaction = reactions == null ? null : reactions.poll();
        }
        if (reaction == null) {
            handle(call);
        } else {
            reaction.to(call);
        }
    }

    private static Operation operation(String method, String key, String query) {
        return switch (method) {
            case "PUT" ->
                key.isEmpty()
                        ? Operation.CREATE_BUCKET
                        : query.contains("partNumber=") ? Operation.PART : Operation.PUT;
            case "POST" ->
                query.startsWith("delete")
                        ? Operation.DELETE_MANY
                        : query.contains("uploadId=") ? Operation.COMPLETE : Operation.BEGIN;
            case "DELETE" -> query.contains("uploadId=") ? Operation.ABORT : Operation.DELETE;
            case "HEAD" -> key.isEmpty() ? Operation.HEAD_BUCKET : Operation.HEAD;
            default ->
                !key.isEmpty()
                        ? Operation.GET
                        : query.contains("list-type=2") ? Operation.LIST : Operation.LIST_UPLOADS;
        };
    }

    private void handle(Call call) throws IOException {
        String content = perform(call);
        if (content != null) {
            call.answer(200, content);
        }
    }

    /** @return what to answer with, or null if that has been done */
    private @Nullable String perform(Call call) throws IOException {
        switch (call.operation()) {
            case PUT -> {
                Kept kept = new Kept(call.body(), hex(call.body()), writeId(call));
                boolean conditional = call.exchange().getRequestHeaders().containsKey("If-None-Match");
                if (conditional && objects.putIfAbsent(call.key(), kept) != null) {
                    call.answer(412, error("PreconditionFailed"));
                    return null;
                }
                objects.put(call.key(), kept);
                call.exchange().getResponseHeaders().set("ETag", '"' + kept.etag() + '"');
                return "";
            }
            case BEGIN -> {
                String id = UUID.randomUUID().toString();
                uploads.put(id, new TreeMap<>());
                uploadWriteIds.put(id, writeId(call));
                return "<InitiateMultipartUploadResult><UploadId>" + id + "</UploadId></InitiateMultipartUploadResult>";
            }
            case PART -> {
                SortedMap<Integer, byte[]> parts = uploads.get(call.parameter("uploadId"));
                if (parts == null) {
                    call.answer(404, error("NoSuchUpload"));
                    return null;
                }
                synchronized (parts) {
                    parts.put(Integer.valueOf(call.parameter("partNumber")), call.body());
                }
                call.exchange().getResponseHeaders().set("ETag", '"' + hex(call.body()) + '"');
                return "";
            }
            case COMPLETE -> {
                return complete(call);
            }
            case ABORT -> {
                if (uploads.remove(call.parameter("uploadId")) == null) {
                    call.answer(404, error("NoSuchUpload"));
                } else {
                    call.answer(204, "");
                }
                return null;
            }
            case GET -> {
                get(call);
                return null;
            }
            case HEAD -> {
                Kept kept = objects.get(call.key());
                if (kept == null) {
                    call.answer(404, "");
                    return null;
                }
                describe(call, kept);
                call.exchange().getResponseHeaders().set("Content-Length", String.valueOf(kept.bytes().length));
                call.exchange().sendResponseHeaders(200, -1);
                call.exchange().close();
                return null;
            }
            case DELETE -> {
                objects.remove(call.key());
                call.answer(204, "");
                return null;
            }
            case DELETE_MANY -> {
                StringBuilder deleted = new StringBuilder("<DeleteResult>");
                Matcher keys =
                        Pattern.compile("<Key>([^<]*)</Key>").matcher(new String(call.body(), StandardCharsets.UTF_8));
                while (keys.find()) {
                    objects.remove(keys.group(1));
                    deleted.append("<Deleted><Key>").append(keys.group(1)).append("</Key></Deleted>");
                }
                return deleted + "</DeleteResult>";
            }
            case LIST -> {
                return page(
                        "<IsTruncated>false</IsTruncated>",
                        objects.keySet().stream()
                                .filter(key -> key.startsWith(call.parameter("prefix")))
                                .toArray(String[]::new));
            }
            case LIST_UPLOADS -> {
                return "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>";
            }
            default -> {
                return "";
            }
        }
    }

    /** A page of a listing. */
    static String page(String before, String... keys) {
        StringBuilder page = new StringBuilder("<ListBucketResult>").append(before);
        for (String key : keys) {
            page.append("<Contents><Key>")
                    .append(key)
                    .append("</Key><LastModified>2026-11-22T03:00:00.000Z</LastModified><Size>1</Size></Contents>");
        }
        return page + "</ListBucketResult>";
    }

    private @Nullable String complete(Call call) throws IOException {
        String id = call.parameter("uploadId");
        SortedMap<Integer, byte[]> parts = uploads.remove(id);
        if (parts == null) {
            call.answer(404, error("NoSuchUpload"));
            return null;
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        ByteArrayOutputStream digests = new ByteArrayOutputStream();
        for (byte[] part : parts.values()) {
            whole.write(part);
            digests.write(HexFormat.of().parseHex(hex(part)));
        }
        String etag = hex(digests.toByteArray()) + "-" + parts.size();
        objects.put(call.key(), new Kept(whole.toByteArray(), etag, uploadWriteIds.getOrDefault(id, "")));
        return "<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>";
    }

    private void get(Call call) throws IOException {
        Kept kept = objects.get(call.key());
        if (kept == null) {
            call.answer(404, error("NoSuchKey"));
            return;
        }
        String match = call.exchange().getRequestHeaders().getFirst("If-Match");
        if (match != null && !match.equals('"' + kept.etag() + '"')) {
            call.answer(412, error("PreconditionFailed"));
            return;
        }
        Matcher range = Pattern.compile("bytes=(\\d+)-(\\d+)")
                .matcher(call.exchange().getRequestHeaders().getFirst("Range"));
        if (!range.matches() || Integer.parseInt(range.group(1)) >= kept.bytes().length) {
            call.answer(416, error("InvalidRange"));
            return;
        }
        int from = Integer.parseInt(range.group(1));
        int to = Math.min(Integer.parseInt(range.group(2)), kept.bytes().length - 1);
        describe(call, kept);
        call.exchange()
                .getResponseHeaders()
                .set("Content-Range", "bytes " + from + "-" + to + "/" + kept.bytes().length);
        call.exchange().sendResponseHeaders(206, to - from + 1);
        call.exchange().getResponseBody().write(kept.bytes(), from, to - from + 1);
        call.exchange().close();
    }

    private static void describe(Call call, Kept kept) {
        call.exchange().getResponseHeaders().set("ETag", '"' + kept.etag() + '"');
        call.exchange().getResponseHeaders().set("Last-Modified", "Sun, 22 Nov 2026 03:00:00 GMT");
        call.exchange().getResponseHeaders().set("x-amz-meta-lvs-write", kept.writeId());
    }

    private static String writeId(Call call) {
        String id = call.exchange().getRequestHeaders().getFirst("x-amz-meta-lvs-write");
        return id == null ? "" : id;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
