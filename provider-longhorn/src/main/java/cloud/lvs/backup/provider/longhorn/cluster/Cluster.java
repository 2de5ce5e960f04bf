package cloud.lvs.backup.provider.longhorn.cluster;

import cloud.lvs.backup.provider.longhorn.cluster.ResourceType.Scope;
import cloud.lvs.backup.spi.BackupException;
import cloud.lvs.backup.spi.Kind;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A cluster and the Longhorn in it. Every request is sent again while nobody answers, for two minutes; what fails is told as a
 * {@link BackupException}. Thread-safe.
 */
public final class Cluster implements AutoCloseable {
    private static final long PAGE = 500;

    private final KubernetesClient client;
    private final Waiting waiting;
    private final Requests requests;
    private @Nullable String namespace;
    private @Nullable LonghornVersion version;

    /**
     * @param client closed with this
     * @param namespace Longhorn's, or null to look for it
     */
    public Cluster(KubernetesClient client, @Nullable String namespace, Waiting waiting) {
        this.client = client;
        this.waiting = waiting;
        this.requests = new Requests(waiting);
        this.namespace = namespace;
    }

    /** The cluster that is reached so; nothing is asked yet. */
    public static Cluster open(ClusterAccess access, Waiting waiting) throws BackupException {
        return new Cluster(access.client(), access.namespace(), waiting);
    }

    /** How time passes for whoever waits for something here. */
    public Waiting waiting() {
        return waiting;
    }

    // ---- Longhorn ----

    /**
     * The namespace of Longhorn.
     *
     * @throws BackupException of kind {@code SOURCE} if there is no Longhorn, of kind {@code CONFIG} if it cannot be found
     */
    public synchronized String namespace() throws BackupException, InterruptedException {
        if (namespace == null) {
            namespace = new LonghornDiscovery(this).namespace();
        }
        return namespace;
    }

    /** The version of Longhorn, by its setting; by its definitions where that says nothing. */
    public synchronized LonghornVersion version() throws BackupException, InterruptedException {
        if (version == null) {
            version = new LonghornDiscovery(this).version();
        }
        return version;
    }

    // ---- objects ----

    /** All objects of a kind of Longhorn, or of one that belongs to the whole cluster. */
    public <T> List<T> list(ResourceType<T> type) throws BackupException, InterruptedException {
        return list(type, Map.of());
    }

    /** Those with all of these labels. */
    public <T> List<T> list(ResourceType<T> type, Map<String, String> labels)
            throws BackupException, InterruptedException {
        return list(type, home(type), labels);
    }

    /** Those that a selector takes, as {@code kubectl --selector} reads it. */
    public <T> List<T> listSelected(ResourceType<T> type, String selector)
            throws BackupException, InterruptedException {
        String inNamespace = home(type);
        GenericKubernetesResourceList found = requests.send(
                type + " with labels " + selector,
                sent -> objects(type, inNamespace).withLabelSelector(selector).list());
        return found.getItems().stream().map(each -> type.read(json(each))).toList();
    }

    /**
     * Those of a namespace; of all where it is empty.
     *
     * @throws BackupException of kind {@code SOURCE} if the cluster does not know the kind
     */
    public <T> List<T> list(ResourceType<T> type, String inNamespace, Map<String, String> labels)
            throws BackupException, InterruptedException {
        List<T> objects = new ArrayList<>();
        listInto(type, inNamespace, labels, object -> objects.add(type.read(object)));
        return objects;
    }

    /** As {@link #list}, as JSON, page by page; returns the version of the last page. */
    String listInto(ResourceType<?> type, String inNamespace, Map<String, String> labels, Consumer<ObjectNode> objects)
            throws BackupException, InterruptedException {
        String target = type + (inNamespace.isEmpty() ? "" : " in namespace " + inNamespace);
        String next = null;
        try {
            do {
                String from = next;
                GenericKubernetesResourceList page = requests.send(
                        target,
                        sent -> objects(type, inNamespace)
                                .withLabels(labels)
                                .list(new ListOptionsBuilder()
                                        .withLimit(PAGE)
                                        .withContinue(from)
                                        .build()));
                page.getItems().forEach(each -> objects.accept(json(each)));
                next = page.getMetadata().getContinue();
                if (next == null || next.isEmpty()) {
                    return Objects.requireNonNullElse(page.getMetadata().getResourceVersion(), "");
                }
            } while (true);
        } catch (BackupException e) {
            throw e.kind() == Kind.NOT_FOUND && type.scope() == Scope.LONGHORN
                    ? LonghornDiscovery.notInstalled(type, e)
                    : e;
        }
    }

    /** An object of Longhorn, or one that belongs to the whole cluster. */
    public <T> Optional<T> find(ResourceType<T> type, String name) throws BackupException, InterruptedException {
        return find(type, home(type), name);
    }

    /** An object of a namespace. */
    public <T> Optional<T> find(ResourceType<T> type, String inNamespace, String name)
            throws BackupException, InterruptedException {
        try {
            GenericKubernetesResource found = requests.<@Nullable GenericKubernetesResource>send(
                    target(type, inNamespace, name),
                    sent -> resource(type, inNamespace, name).get());
            return found == null ? Optional.empty() : Optional.of(type.read(json(found)));
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Makes an object under a name that nobody else uses.
     *
     * @param manifest with {@code metadata.name}; kind and version are filled in, and for an object of
     *     Longhorn its namespace
     * @return as the API server, and Longhorn's webhooks, made it
     */
    public <T> T create(ResourceType<T> type, ObjectNode manifest) throws BackupException, InterruptedException {
        ObjectNode complete = complete(type, manifest);
        String inNamespace = complete.path("metadata").path("namespace").asText("");
        String name = complete.path("metadata").path("name").asText();
        GenericKubernetesResource made = requests.send(target(type, inNamespace, name), sent -> {
            try {
                return operation(type, inNamespace).resource(resource(complete)).create();
            } catch (KubernetesClientException e) {
                // The answer to the first request may have been lost, not the request.
                if (sent > 0 && e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                    return resource(type, inNamespace, name).require();
                }
                throw e;
            }
        });
        return type.read(json(made));
    }

    /** As {@link #create}, but only asks whether it would be taken: nothing is made. */
    public void tryToCreate(ResourceType<?> type, ObjectNode manifest) throws BackupException, InterruptedException {
        ObjectNode complete = complete(type, manifest);
        String inNamespace = complete.path("metadata").path("namespace").asText("");
        requests.send(
                target(type, inNamespace, complete.path("metadata").path("name").asText()),
                sent -> operation(type, inNamespace)
                        .resource(resource(complete))
                        .dryRun()
                        .create());
    }

    private ObjectNode complete(ResourceType<?> type, ObjectNode manifest)
            throws BackupException, InterruptedException {
        ObjectNode complete = manifest.deepCopy();
        complete.put("apiVersion", type.apiVersion()).put("kind", type.kind());
        ObjectNode metadata = complete.withObject("/metadata");
        if (type.scope() == Scope.LONGHORN && !metadata.has("namespace")) {
            metadata.put("namespace", namespace());
        }
        return complete;
    }

    /** Changes some fields of an object, by a merge patch; null removes one. */
    public <T> T patch(ResourceType<T> type, String inNamespace, String name, ObjectNode changes)
            throws BackupException, InterruptedException {
        GenericKubernetesResource patched = requests.send(
                target(type, inNamespace, name),
                sent -> resource(type, inNamespace, name)
                        .patch(PatchContext.of(PatchType.JSON_MERGE), changes.toString()));
        return type.read(json(patched));
    }

    /** Sets how many pods a workload has; returns at once. */
    public void scale(ResourceType<?> type, String inNamespace, String name, int replicas)
            throws BackupException, InterruptedException {
        requests.send(
                target(type, inNamespace, name),
                // A patch has no version to conflict with that of whoever keeps the workload's status.
                sent -> resource(type, inNamespace, name)
                        .subresource("scale")
                        .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\": {\"replicas\": " + replicas + "}}"));
    }

    /**
     * Asks for the deletion of an object of Longhorn; it may take its time.
     *
     * @return whether there was one
     */
    public boolean delete(ResourceType<?> type, String name) throws BackupException, InterruptedException {
        return delete(type, home(type), name);
    }

    /** As above, of a namespace. */
    public boolean delete(ResourceType<?> type, String inNamespace, String name)
            throws BackupException, InterruptedException {
        try {
            return !requests.send(
                            target(type, inNamespace, name),
                            sent -> resource(type, inNamespace, name).delete())
                    .isEmpty();
        } catch (BackupException e) {
            if (e.kind() == Kind.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Asks Longhorn to read the target anew, for a target, a backup or all backups of a volume.
     *
     * @return it has done so when {@code lastSyncedAt} of the object is not before this
     */
    public Instant requestSync(ResourceType<?> type, String name) throws BackupException, InterruptedException {
        Instant now = waiting.now().truncatedTo(ChronoUnit.SECONDS);
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        changes.withObject("/spec").put("syncRequestedAt", now.toString());
        patch(type, namespace(), name, changes);
        return now;
    }

    // ---- the client ----

    /** Watches the objects of a kind of Longhorn from a version on. */
    Watch watch(
            ResourceType<?> type,
            Map<String, String> labels,
            String resourceVersion,
            Watcher<GenericKubernetesResource> watcher)
            throws BackupException, InterruptedException {
        String inNamespace = namespace();
        try {
            return requests.send(
                    type + " in namespace " + inNamespace,
                    sent -> operation(type, inNamespace)
                            .withLabels(labels)
                            .watch(
                                    new ListOptionsBuilder()
                                            .withResourceVersion(resourceVersion.isEmpty() ? null : resourceVersion)
                                            .build(),
                                    watcher));
        } catch (BackupException e) {
            // The refusal of a watch comes without the words that name the rule.
            if (e.getCause() instanceof KubernetesClientException refusal
                    && refusal.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
                throw new BackupException(
                        Kind.CREDENTIALS,
                        type + " in namespace " + inNamespace,
                        "this user may not watch them",
                        "add to a Role in namespace " + inNamespace + " that it is bound to: {apiGroups: [\""
                                + type.group() + "\"], resources: [" + type.plural() + "], verbs: [watch]}",
                        e);
            }
            throw e;
        }
    }

    private String home(ResourceType<?> type) throws BackupException, InterruptedException {
        return type.scope() == Scope.LONGHORN ? namespace() : "";
    }

    private NonNamespaceOperation<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            operation(ResourceType<?> type, String inNamespace) {
        var all = client.genericKubernetesResources(type.context());
        return inNamespace.isEmpty() ? all : all.inNamespace(inNamespace);
    }

    private FilterWatchListDeletable<
                    GenericKubernetesResource, GenericKubernetesResourceList, Resource<GenericKubernetesResource>>
            objects(ResourceType<?> type, String inNamespace) {
        // Without a namespace the client would take that of its kubeconfig.
        return inNamespace.isEmpty() && type.scope() != Scope.CLUSTER
                ? client.genericKubernetesResources(type.context()).inAnyNamespace()
                : operation(type, inNamespace);
    }

    private Resource<GenericKubernetesResource> resource(ResourceType<?> type, String inNamespace, String name) {
        return operation(type, inNamespace).withName(name);
    }

    private GenericKubernetesResource resource(ObjectNode manifest) {
        return client.getKubernetesSerialization().convertValue(manifest, GenericKubernetesResource.class);
    }

    ObjectNode json(GenericKubernetesResource resource) {
        return client.getKubernetesSerialization().convertValue(resource, ObjectNode.class);
    }

    private static String target(ResourceType<?> type, String inNamespace, String name) {
        return type.kind() + " " + (inNamespace.isEmpty() ? "" : inNamespace + "/") + name;
    }

    @Override
    public void close() {
        client.close();
    }
}
