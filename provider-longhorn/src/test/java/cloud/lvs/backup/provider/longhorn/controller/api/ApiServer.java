package cloud.lvs.backup.provider.longhorn.controller.api;

import cloud.lvs.backup.provider.longhorn.controller.api.WatchHub.Start;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.fabric8.mockwebserver.vertx.Protocol;
import java.net.InetAddress;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The API server: takes requests over HTTP and answers them from the store, the webhooks asked first. */
public final class ApiServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Held here because its level would be forgotten with it: fabric8 logs each request. */
    private static final Logger REQUEST_LOG = Logger.getLogger(MockWebServer.class.getName());

    private final ObjectStore store;
    private final WatchHub watches = new WatchHub();
    private final Admission admission;
    private final Resources resources;
    private final Verbs verbs;
    private final Access access = new Access();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final KubernetesMockServer http;
    private volatile Consumer<String> listener = request -> {};

    /** A server that is not started yet. */
    public ApiServer(Clock clock, Resources resources, Map<ResourceType, Webhook> webhooks) {
        this.resources = resources;
        store = new ObjectStore(clock);
        store.listen(watches::changed);
        resources.definitions().forEach(store::define);
        admission = new Admission(webhooks, resources);
        verbs = new Verbs(store, admission, resources);
        REQUEST_LOG.setLevel(Level.WARNING);
        MockWebServer web = new MockWebServer();
        web.setHttp2ClearTextEnabled(false);
        web.setProtocols(List.of(Protocol.HTTP_1_1));
        http = new KubernetesMockServer(new Context(JSON), web, new HashMap<>(), new Requests(), false);
    }

    /** Begins to answer, on a free port of the loopback address. */
    public void start() {
        http.start(InetAddress.getLoopbackAddress(), 0);
    }

    /** The port it answers on. */
    public int port() {
        return http.getPort();
    }

    /** The objects; take {@link #lock} first. */
    public ObjectStore store() {
        return store;
    }

    /** Held while a request is answered or a controller works. */
    public Object lock() {
        return store;
    }

    /** All requests so far, as {@code VERB path}. */
    public List<String> requests() {
        return List.copyOf(requests);
    }

    /** Is told of each request before it is answered, as {@code VERB path}; on the thread that answers it. */
    public void onRequest(Consumer<String> told) {
        listener = told;
    }

    /** How many watches of a kind are open. */
    public long watches(ResourceType type) {
        return watches.count(type);
    }

    /** Who may do what. */
    public Access access() {
        return access;
    }

    /** Ends all watches by an event that says 410. */
    public void expireWatches() {
        watches.expire();
    }

    /** Ends all watches without a word. */
    public void cutWatches() {
        watches.cut();
    }

    /** No webhook is there: connections are refused. */
    public void stopWebhooks() {
        admission.reach(Admission.Reach.REFUSED);
    }

    /** The webhooks do not answer in time. */
    public void stallWebhooks() {
        admission.reach(Admission.Reach.TIMED_OUT);
    }

    /** The webhooks are there again. */
    public void startWebhooks() {
        admission.reach(Admission.Reach.UP);
    }

    @Override
    public void close() {
        watches.close();
        http.shutdown();
    }

    /** Answers a request as if it came over HTTP; watches are refused. */
    public Answer call(String method, String uri, String contentType, String body) {
        requests.add(method + " " + uri);
        listener.accept(method + " " + uri);
        try {
            synchronized (store) {
                access.authenticate();
                Optional<RequestPath> path = known(uri);
                return path.isEmpty() ? Discovery.read(uri, resources) : answer(method, path.get(), contentType, body);
            }
        } catch (Refusal refusal) {
            return new Answer(refusal.code(), refusal.status());
        } catch (RuntimeException broken) {
            return new Answer(
                    500, Refusal.internalError("scripted server: " + broken).status());
        }
    }

    /** What is answered. */
    public record Answer(int code, JsonNode body) {}

    private Optional<RequestPath> known(String uri) {
        return RequestPath.parse(uri).filter(parts -> resources.find(parts).isPresent());
    }

    private Answer answer(String method, RequestPath path, String contentType, String body) {
        ResourceType type = resources.find(path).orElseThrow();
        access.authorize(method, path, type);
        return switch (method) {
            case "GET" -> new Answer(200, path.name().isPresent() ? verbs.get(path, type) : list(path, type));
            case "POST" -> new Answer(201, verbs.create(path, type, body(body, type)));
            case "PUT" -> new Answer(200, verbs.update(path, type, body(body, type)));
            case "PATCH" -> {
                Verbs.Patched patched = verbs.patch(path, type, body(body, type), contentType);
                yield new Answer(patched.code(), patched.object());
            }
            case "DELETE" -> new Answer(200, verbs.delete(path, type, options(body)));
            default -> throw new Refusal(405, "MethodNotAllowed", "the server does not allow this method");
        };
    }

    private ObjectNode list(RequestPath path, ResourceType type) {
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.put("kind", type.kind() + "List").put("apiVersion", type.apiVersion());
        list.putObject("metadata").put("resourceVersion", Long.toString(store.version()));
        Predicate<ObjectNode> selector = selector(path);
        var items = list.putArray("items");
        store.list(type, path.namespace()).stream().filter(selector).forEach(items::add);
        return list;
    }

    private MockResponse watch(RequestPath path, ResourceType type) {
        Predicate<ObjectNode> selector = selector(path);
        Optional<Long> from =
                path.parameter("resourceVersion").map(Long::valueOf).filter(version -> version > 0);
        Start start = from.map(version -> new Start(List.of(), store.since(version)))
                .orElseGet(() -> new Start(
                        store.list(type, path.namespace()).stream()
                                .filter(selector)
                                .toList(),
                        List.of()));
        return new MockResponse().withWebSocketUpgrade(watches.open(type, path.namespace(), selector, start));
    }

    private static Predicate<ObjectNode> selector(RequestPath path) {
        Optional<String> named = path.name().map(name -> "metadata.name=" + name);
        return Selector.of(path.parameter("labelSelector"), path.parameter("fieldSelector"))
                .and(Selector.of(Optional.empty(), named));
    }

    private static JsonNode body(String text, ResourceType type) {
        try {
            JsonNode body = JSON.readTree(text);
            if (body != null && body.isContainerNode()) {
                return body;
            }
        } catch (JsonProcessingException e) {
            // Answered below.
        }
        String start = text.length() > 30 ? text.substring(0, 30) + " ..." : text;
        throw Refusal.badRequest("the object provided is unrecognized (must be of type " + type.kind()
                + "): couldn't get version/kind; json parse error: unexpected end of JSON input (" + start + ")");
    }

    private static ObjectNode options(String text) {
        try {
            return text.isEmpty() ? JsonNodeFactory.instance.objectNode() : (ObjectNode) JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw Refusal.badRequest("couldn't read the options: " + e.getOriginalMessage());
        }
    }

    private final class Requests extends Dispatcher {
        @Override
        public MockResponse dispatch(RecordedRequest request) {
            Optional<RequestPath> watched = known(request.getPath()).filter(RequestPath::watch);
            if (watched.isPresent()) {
                try {
                    synchronized (store) {
                        access.authenticate();
                        ResourceType type = resources.find(watched.get()).orElseThrow();
                        access.authorize(request.getMethod(), watched.get(), type);
                        requests.add("WATCH " + request.getPath());
                        return watch(watched.get(), type);
                    }
                } catch (Refusal refusal) {
                    return json(new Answer(refusal.code(), refusal.status()));
                }
            }
            String body = request.getUtf8Body();
            return json(call(
                    request.getMethod(),
                    request.getPath(),
                    Optional.ofNullable(request.getHeader("Content-Type")).orElse("application/json"),
                    body == null ? "" : body));
        }

        private MockResponse json(Answer answer) {
            boolean text = answer.body().isTextual();
            return new MockResponse()
                    .setResponseCode(answer.code())
                    .setHeader("Content-Type", text ? "text/plain" : "application/json")
                    .setBody(text ? answer.body().asText() : answer.body().toString());
        }
    }
}
