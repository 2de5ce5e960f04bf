package cloud.lvs.backup.examples.benchmark;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;

/**
 * The least that a Java program can do to put a stream into S3 in parts: the same digests and the same requests as {@link
 * Upload}, two parts on their way while a third is filled, and nothing else; no signatures, no retries, no checks.
 */
final class BareUpload {
    private static final int PART = 16 << 20;
    private static final int IN_FLIGHT = 2;

    private final URI object;
    private final SSLContext tls;

    private BareUpload(URI object, SSLContext tls) {
        this.object = object;
        this.tls = tls;
    }

    /** Arguments: the object's URL, PEM file of the authority. */
    public static void main(String[] arguments)
            throws IOException, GeneralSecurityException, InterruptedException, ExecutionException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, Authority.trusting(Path.of(arguments[1])), null);
        new BareUpload(URI.create(arguments[0]), tls).run();
    }

    private void run() throws IOException, GeneralSecurityException, InterruptedException, ExecutionException {
        request("POST", "?uploads");
        CRC32C sum = new CRC32C();
        MessageDigest md5 = MessageDigest.getInstance("MD5");
        BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(IN_FLIGHT + 1);
        for (int i = 0; i <= IN_FLIGHT; i++) {
            free.add(new byte[PART]);
        }
        ExecutorService senders = Executors.newFixedThreadPool(IN_FLIGHT);
        List<Future<?>> sent = new ArrayList<>();
        long size = 0;
        boolean more = true;
        while (more) {
            byte[] part = free.take();
            int length = 0;
            while (more && length < PART) {
                int n = System.in.read(part, length, Math.min(64 * 1024, PART - length));
                more = n >= 0;
                if (more) {
                    sum.update(part, length, n);
                    md5.update(part, length, n);
                    length += n;
                }
            }
            int bytes = length;
            int number = sent.size() + 1;
            String digest = Base64.getEncoder().encodeToString(md5.digest());
            sent.add(senders.submit(() -> {
                put(part, bytes, number, digest);
                free.add(part);
                return true;
            }));
            size += length;
        }
        for (Future<?> each : sent) {
            each.get();
        }
        senders.shutdown();
        request("POST", "?uploadId=1");
        request("HEAD", "");
        System.out.println(size + " " + sum.getValue());
    }

    private void put(byte[] part, int length, int number, String md5) throws IOException {
        HttpsURLConnection connection = connect("PUT", "?partNumber=" + number + "&uploadId=1");
        connection.setRequestProperty("Content-MD5", md5);
        connection.setDoOutput(true);
        connection.setFixedLengthStreamingMode(length);
        try (OutputStream out = connection.getOutputStream()) {
            out.write(part, 0, length);
        }
        finish(connection);
    }

    private void request(String method, String query) throws IOException {
        finish(connect(method, query));
    }

    private HttpsURLConnection connect(String method, String query) throws IOException {
        HttpsURLConnection connection =
                (HttpsURLConnection) URI.create(object + query).toURL().openConnection();
        connection.setSSLSocketFactory(tls.getSocketFactory());
        connection.setRequestMethod(method);
        return connection;
    }

    private static void finish(HttpsURLConnection connection) throws IOException {
        try (InputStream in = connection.getInputStream()) {
            in.readAllBytes();
        }
    }
}
