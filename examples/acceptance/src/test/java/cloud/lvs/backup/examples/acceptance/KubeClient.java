package cloud.lvs.backup.examples.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Speaks JSON with a kube-apiserver on the loopback address, and trusts one certificate authority. Thread-safe. */
final class KubeClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    /** Answers that mean: not yet. */
    private static final int TOO_MANY = 429;

    /** What came back. */
    record Answer(int status, String text) {
        boolean isOk() {
            return status / 100 == 2;
        }

        JsonNode json() throws IOException {
            return JSON.readTree(text);
        }

        Answer expectOk() throws IOException {
            if (!isOk()) {
                throw new IOException("the API server answers " + status + ": " + text);
            }
            return this;
        }
    }

    private final HttpClient http;
    private final int port;
    private final String bearer;

    KubeClient(int port, Path authority, String bearer) throws IOException, GeneralSecurityException {
        this(port, trusting(authority), bearer);
    }

    private KubeClient(int port, HttpClient http, String bearer) {
        this.port = port;
        this.http = http;
        this.bearer = bearer;
    }

    /** The same server, as somebody else. */
    KubeClient as(String token) {
        return new KubeClient(port, http, token);
    }

    private static HttpClient trusting(Path authority) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (InputStream in = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .build();
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    Answer post(String path, String json) throws IOException, InterruptedException {
        return send(request(path).POST(BodyPublishers.ofString(json)));
    }

    Answer put(String path, String json) throws IOException, InterruptedException {
        return send(request(path).PUT(BodyPublishers.ofString(json)));
    }

    Answer delete(String path) throws IOException, InterruptedException {
        return send(request(path).DELETE());
    }

    /** Lists every object of every resource as it was at a revision: path and name → JSON. */
    SortedMap<String, JsonNode> everythingAt(String revision) throws IOException, InterruptedException {
        return everything("?resourceVersion=" + revision + "&resourceVersionMatch=Exact");
    }

    /** As {@link #everythingAt}, now. */
    SortedMap<String, JsonNode> everything() throws IOException, InterruptedException {
        return everything("");
    }

    private SortedMap<String, JsonNode> everything(String query) throws IOException, InterruptedException {
        SortedMap<String, JsonNode> everything = new TreeMap<>();
        for (String path : listable()) {
            for (JsonNode object : list(path + query).get("items")) {
                JsonNode metadata = object.get("metadata");
                everything.put(
                        path + " " + metadata.path("namespace").asText("") + "/"
                                + metadata.get("name").asText(),
                        object);
            }
        }
        return everything;
    }

    /** Right after a start a list may still be told to come again. */
    private JsonNode list(String path) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        Answer answer = get(path);
        while (answer.status() == TOO_MANY && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(200);
            answer = get(path);
        }
        return answer.expectOk().json();
    }

    private List<String> listable() throws IOException, InterruptedException {
        List<String> versions = new ArrayList<>(List.of("/api/v1"));
        for (JsonNode group : get("/apis").expectOk().json().get("groups")) {
            versions.add(
                    "/apis/" + group.get("preferredVersion").get("groupVersion").asText());
        }
        List<String> paths = new ArrayList<>();
        for (String version : versions) {
            for (JsonNode resource : get(version).expectOk().json().get("resources")) {
                String name = resource.get("name").asText();
                boolean stored = !name.equals("componentstatuses");
                if (stored && resource.get("verbs").toString().contains("\"list\"")) {
                    paths.add(version + "/" + name);
                }
            }
        }
        return paths;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json");
    }

    private Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
        return new Answer(response.statusCode(), response.body());
    }
}
