package cloud.lvs.backup.sink.s3;

import cloud.lvs.backup.contract.TestTime;
import cloud.lvs.backup.core.catalog.JournalDocuments;
import cloud.lvs.backup.core.catalog.JournalName;
import cloud.lvs.backup.spi.BackupId;
import cloud.lvs.backup.spi.Manifest;
import cloud.lvs.backup.spi.Outcome;
import cloud.lvs.backup.spi.RunId;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A store with nothing in its bucket but the journal of many backups, one an hour, which it makes up while it is asked: pages
 * of 1,000 keys, two keys for each backup. Counts what it is asked.
 */
final class LongJournal implements AutoCloseable {
    static final String JOB = "notes";

    private static final int PAGE = 1000;
    static final Instant NOW = TestTime.now();
    private static final Instant NEWEST = NOW.minus(Duration.ofHours(1));
    private static final Pattern TOKEN = Pattern.compile("continuation-token=(\\d+)");
    private static final Pattern RUN = Pattern.compile("-run(\\d+)/");

    private final int backups;
    private final JournalDocuments documents = new JournalDocuments();
    private final Map<String, Integer> requests = new TreeMap<>();
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    LongJournal(int backups) throws IOException {
        this.backups = backups;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::receive);
        server.setExecutor(threads);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** How often it was asked for what. */
    synchronized Map<String, Integer> requests() {
        return new TreeMap<>(requests);
    }

    private synchronized void count(String operation) {
        requests.merge(operation, 1, Integer::sum);
    }

    private void receive(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String query = String.valueOf(exchange.getRequestURI().getRawQuery());
        boolean listing = query.contains("list-type=2");
        count(listing ? "list" : exchange.getRequestMethod());
        byte[] answer = listing ? page(query) : object(exchange.getRequestURI().getPath());
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.getResponseHeaders().set("ETag", "\"opaque\"");
        exchange.getResponseHeaders()
                .set("Last-Modified", DateTimeFormatter.RFC_1123_DATE_TIME.format(NOW.atOffset(ZoneOffset.UTC)));
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(answer.length));
        }
        if (exchange.getRequestHeaders().containsKey("Range")) {
            exchange.getResponseHeaders().set("Content-Range", "bytes 0-" + (answer.length - 1) + "/" + answer.length);
        }
        int status = exchange.getRequestHeaders().containsKey("Range") ? 206 : 200;
        exchange.sendResponseHeaders(status, head ? -1 : answer.length);
        if (!head) {
            exchange.getResponseBody().write(answer);
        }
        exchange.close();
    }

    /** By the oldest first, which is the order of their keys. */
    private BackupId id(int index) {
        int age = backups - 1 - index;
        return new BackupId(JOB, NEWEST.minus(Duration.ofHours(age)), new RunId("run" + index));
    }

    private byte[] page(String query) {
        Matcher token = TOKEN.matcher(query);
        int from = token.find() ? Integer.parseInt(token.group(1)) : 0;
        int to = Math.min(from + PAGE, 2 * backups);
        StringBuilder page = new StringBuilder("<ListBucketResult><IsTruncated>")
                .append(to < 2 * backups)
                .append("</IsTruncated><NextContinuationToken>")
                .append(to)
                .append("</NextContinuationToken>");
        for (int i = from; i < to; i++) {
            BackupId id = id(i / 2);
            JournalName name = i % 2 == 0 ? JournalName.Plain.BEGUN : new JournalName.Committed(Outcome.OK, null);
            page.append("<Contents><Key>")
                    .append(name.keyIn(id))
                    .append("</Key><LastModified>")
                    .append(id.timestamp())
                    .append("</LastModified><Size>500</Size></Contents>");
        }
        return page.append("</ListBucketResult>").toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The manifest of a backup, or the sum of it. */
    private byte[] object(String path) {
        Matcher run = RUN.matcher(path);
        if (!run.find()) {
            throw new IllegalArgumentException("asked for " + path);
        }
        BackupId id = id(Integer.parseInt(run.group(1)));
        return path.endsWith("/" + JournalName.Plain.SUMS.text()) ? sums(id) : manifest(id);
    }

    private byte[] sums(BackupId id) {
        String line = sha256(manifest(id)) + "  " + new JournalName.Committed(Outcome.OK, null).keyIn(id) + "\n";
        return line.getBytes(StandardCharsets.UTF_8);
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] manifest(BackupId id) {
        return documents.write(Manifest.builder(id, JOB)
                .outcome(Outcome.OK)
                .startedAt(id.timestamp())
                .finishedAt(id.timestamp())
                .build());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
