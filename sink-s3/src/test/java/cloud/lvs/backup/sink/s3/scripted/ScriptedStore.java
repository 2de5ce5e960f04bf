package cloud.lvs.backup.sink.s3.scripted;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.sink.s3.S3SinkConfig;
import cloud.lvs.backup.sink.s3.S3SinkConfigBuilder;
import cloud.lvs.backup.spi.ByteSize;
import cloud.lvs.backup.spi.Secret;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * As much of an S3 server as the sink needs, which goes wrong as told: each reaction is used for one request. Its objects bear
 * the time of its clock, the heads of its answers always the machine's.
 */
public final class ScriptedStore implements AutoCloseable {
    public static final String ID = "AKIDSCRIPTED";
    public static final String SECRET = "scripted-secret-4be1";
    public static final String BUCKET = "bucket";

    /** What can be asked. */
    public enum Operation {
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
        LIST_PARTS,
        LIST_VERSIONS,
        LIST_BUCKETS,
        DELETE_MANY,
        HEAD_BUCKET,
        CREATE_BUCKET,
        VERSIONING,
        OBJECT_LOCK,
        LOCK
    }

    /** What to do instead of answering properly. */
    @FunctionalInterface
    public interface Reaction {
        void to(Call call) throws IOException;
    }

    /** What to do while the body of the request is still on its way. */
    @FunctionalInterface
    public interface EarlyReaction extends Reaction {}

    /** An object and what the store tells of it. */
    public record Kept(byte[] bytes, String etag, String writeId, Instant lastModified) {
        /** The same object with other bytes of another tag. */
        public Kept with(byte[] other, String otherTag) {
            return new Kept(other, otherTag, writeId, lastModified);
        }
    }

    /** An upload that is neither completed nor aborted. */
    public record Upload(String key, String writeId, SortedMap<Integer, byte[]> parts) {}

    /** When a client dies, or believes that a request failed. */
    public enum Cut {
        /** The request had no effect, nor has any after it. */
        DEAD_BEFORE,
        /** The request had its effect, none after it has. */
        DEAD_AFTER,
        /** The request had its effect, and the client goes on without having been told. */
        REPLY_LOST
    }

    /** One request. */
    public record Call(
            ScriptedStore store,
            Operation operation,
            String bucket,
            String key,
            String query,
            byte[] body,
            HttpExchange exchange,
            Set<String> ignored) {
        public void answer(int status, String content) throws IOException {
            byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/xml");
            boolean none = exchange.getRequestMethod().equals("HEAD") || bytes.length == 0;
            exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
            if (!none) {
                exchange.getResponseBody().write(bytes);
            }
            exchange.close();
        }

        /** A header of the request, or null if there is none. */
        @Nullable
        public String header(String name) {
            return ignored.contains(name) ? null : exchange.getRequestHeaders().getFirst(name);
        }

        public void properly() throws IOException {
            store.handle(this);
        }

        /** The keys that are to be deleted together. */
        public List<String> deletedKeys() {
            Matcher keys = Pattern.compile("<Key>([^<]*)</Key>").matcher(new String(body, StandardCharsets.UTF_8));
            return keys.results().map(match -> match.group(1)).toList();
        }

        public String parameter(String name) {
            Matcher matcher = Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(query);
            return matcher.find() ? URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8) : "";
        }
    }

    public final Map<String, Kept> objects = new ConcurrentSkipListMap<>();
    public final Map<String, Upload> uploads = new ConcurrentSkipListMap<>();
    public final List<Operation> seen = Collections.synchronizedList(new ArrayList<>());
    /** The keys whose deletion was asked for, whatever became of it. */
    public final Set<String> condemned = new ConcurrentSkipListSet<>();

    private final Map<Operation, Deque<Reaction>> script = new EnumMap<>(Operation.class);
    private final Clock clock;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private int pageSize = 1000;
    private int requests;
    private int cutAt;
    private @Nullable Cut cut;
    private @Nullable Reaction toAll;

    public ScriptedStore() throws IOException {
        this(TestTime.machine());
    }

    /** @param clock tells when objects were put there */
    public ScriptedStore(Clock clock) throws IOException {
        this(clock, HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    private ScriptedStore(Clock clock, HttpServer server) {
        this.clock = clock;
        this.server = server;
        server.createContext("/", this::receive);
        server.setExecutor(threads);
        server.start();
    }

    /** Speaks TLS. */
    public static ScriptedStore over(SSLContext tls) throws IOException {
        return over(tls, TestTime.machine());
    }

    /** Speaks TLS; the clock tells when objects were put there. */
    public static ScriptedStore over(SSLContext tls, Clock clock) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        return new ScriptedStore(clock, server);
    }

    public String endpoint() {
        return (server instanceof HttpsServer ? "https" : "http") + "://127.0.0.1:"
                + server.getAddress().getPort();
    }

    public S3SinkConfigBuilder config() {
        return S3SinkConfig.builder(BUCKET)
                .endpoint(endpoint())
                .allowPlainHttp()
                .keys(new Secret(ID), new Secret(SECRET))
                .parts(new ByteSize(5L << 20), 2, 10_000)
                .requestTimeout(Duration.ofSeconds(20))
                .patience(Duration.ofSeconds(1));
    }

    /** Holds what another store does. */
    public ScriptedStore with(ScriptedStore other) {
        objects.putAll(other.objects);
        other.uploads.forEach((id, upload) -> {
            synchronized (upload.parts()) {
                uploads.put(id, new Upload(upload.key(), upload.writeId(), new TreeMap<>(upload.parts())));
            }
        });
        return this;
    }

    /** Lists so many keys a page. */
    public ScriptedStore listing(int keys) {
        pageSize = keys;
        return this;
    }

    /** Cuts the client off at one of the requests to come, from 1. */
    public synchronized ScriptedStore cut(int request, Cut how) {
        requests = 0;
        cutAt = request;
        cut = how;
        return this;
    }

    /** The same for every request from now on, whatever it asks for. */
    public synchronized void everything(Reaction reaction) {
        toAll = reaction;
    }

    /** Serves everyone properly again, and counts from the beginning. */
    public void mend() {
        synchronized (this) {
            requests = 0;
            cut = null;
            toAll = null;
        }
        synchronized (script) {
            script.clear();
        }
    }

    /** How many requests came, since it was mended if ever. */
    public synchronized int requests() {
        return requests;
    }

    public ScriptedStore on(Operation operation, Reaction... reactions) {
        synchronized (script) {
            script.computeIfAbsent(operation, any -> new ArrayDeque<>()).addAll(Arrays.asList(reactions));
        }
        return this;
    }

    /** The same for as many requests as come. */
    public ScriptedStore always(Operation operation, Reaction reaction) {
        return on(operation, Collections.nCopies(200, reaction).toArray(Reaction[]::new));
    }

    public static Reaction refuse(int status, String code) {
        return call -> call.answer(status, error(code));
    }

    public static Reaction say(int status, String content) {
        return call -> call.answer(status, content);
    }

    /** Closes the connection instead of answering. */
    public static Reaction hangUp() {
        return call -> call.exchange().close();
    }

    /** Closes the connection after so many bytes of the request's body, the others unread. */
    public static EarlyReaction resetAfter(int bytes) {
        return call -> {
            call.exchange().getRequestBody().readNBytes(bytes);
            call.exchange().close();
        };
    }

    /** Promises an object and falls silent in the middle of it. */
    public static Reaction fallSilentAfter(int bytes) {
        return call -> {
            byte[] content = call.store().bytes(call.key());
            call.exchange()
                    .getResponseHeaders()
                    .set("Content-Range", "bytes 0-" + (content.length - 1) + "/" + content.length);
            call.exchange().sendResponseHeaders(206, content.length);
            call.exchange().getResponseBody().write(content, 0, bytes);
            call.exchange().getResponseBody().flush();
        };
    }

    /** Does what was asked but closes the connection before the answer. */
    public static Reaction doItAndHangUp() {
        return call -> {
            call.store().perform(call);
            call.exchange().close();
        };
    }

    /** Does what was asked as if these headers were not there. */
    public static Reaction ignoring(String... headers) {
        return call -> {
            call.ignored().addAll(Arrays.asList(headers));
            call.properly();
        };
    }

    /** Promises the first range of an object and closes the connection in the middle. */
    public static Reaction breakOffAfter(int bytes) {
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

    /** Completes an upload only if all its parts but the last have one size, as Cloudflare R2 does. */
    public static Reaction wantingEqualParts() {
        return call -> {
            Upload upload = call.store().uploads.get(call.parameter("uploadId"));
            List<byte[]> parts =
                    upload == null ? List.of() : List.copyOf(upload.parts().values());
            long sizes = parts.stream()
                    .limit(Math.max(0, parts.size() - 1))
                    .map(part -> part.length)
                    .distinct()
                    .count();
            if (sizes > 1) {
                call.answer(400, error("InvalidPart"));
            } else {
                call.properly();
            }
        };
    }

    public static String error(String code) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code><Message>the " + ID
                + " key</Message><RequestId>1</RequestId></Error>";
    }

    public long count(Operation operation) {
        synchronized (seen) {
            return seen.stream().filter(operation::equals).count();
        }
    }

    /** The bytes of an object that is there. */
    public byte[] bytes(String key) {
        return Objects.requireNonNull(objects.get(key), key).bytes();
    }

    public void keep(String key, byte[] bytes) {
        objects.put(key, new Kept(bytes, hex(bytes), "", clock.instant()));
    }

    private void receive(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getRawPath().split("/", 3);
        String bucket = path.length > 1 ? decoded(path[1]) : "";
        String key = path.length > 2 ? decoded(path[2]) : "";
        String rawQuery = exchange.getRequestURI().getRawQuery();
        String query = rawQuery == null ? "" : rawQuery;
        Operation operation = operation(exchange.getRequestMethod(), bucket, key, query);
        seen.add(operation);
        @Nullable Reaction reaction = reactionTo(operation);
        byte[] body = reaction instanceof EarlyReaction
                ? new byte[0]
                : exchange.getRequestBody().readAllBytes();
        Call call = new Call(this, operation, bucket, key, query, body, exchange, new HashSet<>());
        switch (operation) {
            case DELETE -> condemned.add(key);
            case DELETE_MANY -> condemned.addAll(call.deletedKeys());
            default -> {}
        }
        if (isCutOff(call)) {
            return;
        }
        if (reaction == null) {
            handle(call);
        } else {
            reaction.to(call);
        }
    }

    private @Nullable Reaction reactionTo(Operation operation) {
        synchronized (this) {
            if (toAll != null) {
                return toAll;
            }
        }
        synchronized (script) {
            Deque<Reaction> reactions = script.get(operation);
            return reactions == null ? null : reactions.poll();
        }
    }

    /** What a dead client asks for is refused rather than not answered: it does not repeat that, and the test is quicker. */
    private boolean isCutOff(Call call) throws IOException {
        int number;
        Cut how;
        synchronized (this) {
            number = ++requests;
            how = cut;
        }
        if (how == null || number < cutAt || number > cutAt && how == Cut.REPLY_LOST) {
            return false;
        }
        if (number > cutAt || how == Cut.DEAD_BEFORE) {
            call.answer(403, error("AccessDenied"));
            return true;
        }
        perform(call);
        if (how == Cut.DEAD_AFTER) {
            call.answer(403, error("AccessDenied"));
        } else {
            call.exchange().close();
        }
        return true;
    }

    private static Operation operation(String method, String bucket, String key, String query) {
        return switch (method) {
            case "PUT" ->
                key.isEmpty()
                        ? Operation.CREATE_BUCKET
                        : query.contains("partNumber=")
                                ? Operation.PART
                                : query.startsWith("retention") || query.startsWith("legal-hold")
                                        ? Operation.LOCK
                                        : Operation.PUT;
            case "POST" ->
                query.startsWith("delete")
                        ? Operation.DELETE_MANY
                        : query.contains("uploadId=") ? Operation.COMPLETE : Operation.BEGIN;
            case "DELETE" -> query.contains("uploadId=") ? Operation.ABORT : Operation.DELETE;
            case "HEAD" -> key.isEmpty() ? Operation.HEAD_BUCKET : Operation.HEAD;
            default -> {
                if (key.isEmpty()) {
                    yield question(bucket, query);
                }
                yield query.contains("uploadId=") ? Operation.LIST_PARTS : Operation.GET;
            }
        };
    }

    private static Operation question(String bucket, String query) {
        if (bucket.isEmpty()) {
            return Operation.LIST_BUCKETS;
        }
        return switch (query.split("[=&]", 2)[0]) {
            case "uploads" -> Operation.LIST_UPLOADS;
            case "versions" -> Operation.LIST_VERSIONS;
            case "versioning" -> Operation.VERSIONING;
            case "object-lock" -> Operation.OBJECT_LOCK;
            default -> Operation.LIST;
        };
    }

    /** What is answered to a request that has been carried out. */
    private record Answer(int status, byte[] content, Map<String, String> headers) {
        static Answer of(String content) {
            return new Answer(200, content.getBytes(StandardCharsets.UTF_8), Map.of());
        }

        static Answer of(int status, String content) {
            return new Answer(status, content.getBytes(StandardCharsets.UTF_8), Map.of());
        }

        Answer with(String header, String value) {
            Map<String, String> all = new TreeMap<>(headers);
            all.put(header, value);
            return new Answer(status, content, all);
        }
    }

    private void handle(Call call) throws IOException {
        Answer answer = perform(call);
        Headers headers = call.exchange().getResponseHeaders();
        headers.set("Content-Type", "application/xml");
        answer.headers().forEach(headers::set);
        boolean none = call.exchange().getRequestMethod().equals("HEAD") || answer.content().length == 0;
        call.exchange().sendResponseHeaders(answer.status(), none ? -1 : answer.content().length);
        if (!none) {
            call.exchange().getResponseBody().write(answer.content());
        }
        call.exchange().close();
    }

    private Answer perform(Call call) {
        return switch (call.operation()) {
            case PUT -> put(call);
            case BEGIN -> {
                String id = UUID.randomUUID().toString();
                uploads.put(id, new Upload(call.key(), writeId(call), new TreeMap<>()));
                yield Answer.of("<InitiateMultipartUploadResult><UploadId>" + id
                        + "</UploadId></InitiateMultipartUploadResult>");
            }
            case PART -> part(call);
            case COMPLETE -> complete(call);
            case ABORT ->
                uploads.remove(call.parameter("uploadId")) == null
                        ? Answer.of(404, error("NoSuchUpload"))
                        : Answer.of(204, "");
            case GET -> get(call);
            case HEAD -> {
                Kept kept = objects.get(call.key());
                yield kept == null
                        ? Answer.of(404, "")
                        : described(Answer.of(""), kept).with("Content-Length", String.valueOf(kept.bytes().length));
            }
            case DELETE -> {
                objects.remove(call.key());
                yield Answer.of(204, "");
            }
            case DELETE_MANY -> {
                StringBuilder deleted = new StringBuilder("<DeleteResult>");
                for (String key : call.deletedKeys()) {
                    objects.remove(key);
                    deleted.append("<Deleted><Key>").append(key).append("</Key></Deleted>");
                }
                yield Answer.of(deleted + "</DeleteResult>");
            }
            case LIST -> list(call);
            case LIST_UPLOADS -> {
                StringBuilder page = new StringBuilder("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>");
                uploads.forEach((id, upload) -> {
                    if (upload.key().startsWith(call.parameter("prefix"))) {
                        page.append("<Upload><Key>")
                                .append(upload.key())
                                .append("</Key><UploadId>")
                                .append(id)
                                .append("</UploadId></Upload>");
                    }
                });
                yield Answer.of(page + "</ListMultipartUploadsResult>");
            }
            case LIST_PARTS -> {
                StringBuilder page = new StringBuilder("<ListPartsResult><IsTruncated>false</IsTruncated>");
                Upload upload = uploads.get(call.parameter("uploadId"));
                if (upload != null) {
                    upload.parts()
                            .forEach((number, bytes) -> page.append("<Part><PartNumber>")
                                    .append(number)
                                    .append("</PartNumber><LastModified>")
                                    .append(clock.instant())
                                    .append("</LastModified></Part>"));
                }
                yield Answer.of(page + "</ListPartsResult>");
            }
            case LIST_VERSIONS -> {
                StringBuilder page = new StringBuilder("<ListVersionsResult><IsTruncated>false</IsTruncated>");
                objects.forEach((key, kept) -> page.append("<Version><Key>")
                        .append(key)
                        .append("</Key><VersionId>null</VersionId><Size>")
                        .append(kept.bytes().length)
                        .append("</Size></Version>"));
                yield Answer.of(page + "</ListVersionsResult>");
            }
            case LIST_BUCKETS -> Answer.of(buckets(BUCKET));
            case VERSIONING -> Answer.of("<VersioningConfiguration/>");
            case OBJECT_LOCK -> Answer.of(404, error("ObjectLockConfigurationNotFoundError"));
            case HEAD_BUCKET, CREATE_BUCKET, LOCK -> Answer.of("");
        };
    }

    private Answer put(Call call) {
        Kept kept = new Kept(call.body(), hex(call.body()), writeId(call), clock.instant());
        if (isDamaged(call)) {
            return Answer.of(400, error("BadDigest"));
        }
        if (isConditional(call)) {
            if (objects.putIfAbsent(call.key(), kept) != null) {
                return Answer.of(412, error("PreconditionFailed"));
            }
        } else {
            objects.put(call.key(), kept);
        }
        return Answer.of("").with("ETag", '"' + kept.etag() + '"');
    }

    private static boolean isConditional(Call call) {
        return call.header("If-None-Match") != null;
    }

    private static boolean isDamaged(Call call) {
        String md5 = call.header("Content-MD5");
        return md5 != null
                && !HexFormat.of().formatHex(Base64.getDecoder().decode(md5)).equals(hex(call.body()));
    }

    private Answer part(Call call) {
        Upload upload = uploads.get(call.parameter("uploadId"));
        if (upload == null) {
            return Answer.of(404, error("NoSuchUpload"));
        }
        if (isDamaged(call)) {
            return Answer.of(400, error("BadDigest"));
        }
        synchronized (upload.parts()) {
            upload.parts().put(Integer.valueOf(call.parameter("partNumber")), call.body());
        }
        return Answer.of("").with("ETag", '"' + hex(call.body()) + '"');
    }

    private Answer complete(Call call) {
        if (isConditional(call) && objects.containsKey(call.key())) {
            return Answer.of(412, error("PreconditionFailed"));
        }
        Upload upload = uploads.remove(call.parameter("uploadId"));
        if (upload == null) {
            return Answer.of(404, error("NoSuchUpload"));
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        ByteArrayOutputStream digests = new ByteArrayOutputStream();
        for (byte[] part : upload.parts().values()) {
            whole.writeBytes(part);
            digests.writeBytes(HexFormat.of().parseHex(hex(part)));
        }
        String etag = hex(digests.toByteArray()) + "-" + upload.parts().size();
        objects.put(call.key(), new Kept(whole.toByteArray(), etag, upload.writeId(), clock.instant()));
        return Answer.of("<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>");
    }

    private Answer list(Call call) {
        String after = call.parameter("continuation-token");
        List<Map.Entry<String, Kept>> found = objects.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(call.parameter("prefix")))
                .filter(entry -> entry.getKey().compareTo(after) > 0)
                .limit(pageSize + 1L)
                .toList();
        boolean truncated = found.size() > pageSize;
        StringBuilder page = new StringBuilder("<ListBucketResult><IsTruncated>" + truncated + "</IsTruncated>");
        for (Map.Entry<String, Kept> entry : truncated ? found.subList(0, pageSize) : found) {
            page.append("<Contents><Key>")
                    .append(entry.getKey())
                    .append("</Key><LastModified>")
                    .append(entry.getValue().lastModified())
                    .append("</LastModified><Size>")
                    .append(entry.getValue().bytes().length)
                    .append("</Size></Contents>");
        }
        if (truncated) {
            page.append("<NextContinuationToken>")
                    .append(found.get(pageSize - 1).getKey())
                    .append("</NextContinuationToken>");
        }
        return Answer.of(page + "</ListBucketResult>");
    }

    /** A page of a listing. */
    public static String page(String before, String... keys) {
        StringBuilder page = new StringBuilder("<ListBucketResult>").append(before);
        for (String key : keys) {
            page.append("<Contents><Key>")
                    .append(key)
                    .append("</Key><LastModified>")
                    .append(TestTime.machine().instant())
                    .append("</LastModified><Size>1</Size></Contents>");
        }
        return page + "</ListBucketResult>";
    }

    /** A list of buckets. */
    public static String buckets(String... names) {
        StringBuilder page = new StringBuilder("<ListAllMyBucketsResult><Owner><ID>me</ID></Owner><Buckets>");
        for (String name : names) {
            page.append("<Bucket><Name>").append(name).append("</Name></Bucket>");
        }
        return page + "</Buckets></ListAllMyBucketsResult>";
    }

    private Answer get(Call call) {
        Kept kept = objects.get(call.key());
        if (kept == null) {
            return Answer.of(404, error("NoSuchKey"));
        }
        String match = call.header("If-Match");
        if (match != null && !match.equals('"' + kept.etag() + '"')) {
            return Answer.of(412, error("PreconditionFailed"));
        }
        Matcher range = Pattern.compile("bytes=(\\d+)-(\\d+)").matcher(call.header("Range"));
        if (!range.matches() || Integer.parseInt(range.group(1)) >= kept.bytes().length) {
            return Answer.of(416, error("InvalidRange"));
        }
        int from = Integer.parseInt(range.group(1));
        int to = Math.min(Integer.parseInt(range.group(2)), kept.bytes().length - 1);
        Answer answer = new Answer(206, Arrays.copyOfRange(kept.bytes(), from, to + 1), Map.of());
        return described(answer, kept).with("Content-Range", "bytes " + from + "-" + to + "/" + kept.bytes().length);
    }

    private static Answer described(Answer answer, Kept kept) {
        return answer.with("ETag", '"' + kept.etag() + '"')
                .with(
                        "Last-Modified",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                kept.lastModified().atOffset(ZoneOffset.UTC)))
                .with("x-amz-meta-lvs-write", kept.writeId());
    }

    private static String writeId(Call call) {
        String id = call.header("x-amz-meta-lvs-write");
        return id == null ? "" : id;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    public static String hex(byte[] bytes) {
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
