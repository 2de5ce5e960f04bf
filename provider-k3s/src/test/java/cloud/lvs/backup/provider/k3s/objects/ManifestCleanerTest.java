package cloud.lvs.backup.provider.k3s.objects;

import static org.assertj.core.api.Assertions.assertThat;

import cloud.lvs.backup.provider.k3s.K3sRestoreOptions.Addresses;
import cloud.lvs.backup.provider.k3s.decoding.StoredObject;
import cloud.lvs.backup.provider.k3s.decoding.UnknownFields;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class ManifestCleanerTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void takesWhatTheServerGave() throws Exception {
        assertThat(cleaned(
                        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'shop','uid':'u','resourceVersion':"
                                + "'7','generation':1,'creationTimestamp':'t','selfLink':'s','managedFields':[{}],'annotations':{'kubectl.kubernetes.io/last-applied-configuration':'{}'},'labels':{'app':'a'},"
                                + "'ownerReferences':[{'uid':'o'}],'finalizers':['f']},'data':{'k':'v'},'status':{}}"))
                .isEqualTo(json(
                        "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','namespace':'shop','labels':{'app':'a'},"
                                + "'finalizers':['f']},'data':{'k':'v'}}"));
    }

    @Test
    void takesTheFinalizersOfWhatIsBeingDeleted() throws Exception {
        assertThat(cleaned("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a','deletionTimestamp':'t',"
                        + "'deletionGracePeriodSeconds':0,'finalizers':['f']}}"))
                .isEqualTo(json("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'a'}}"));
        assertThat(
                        cleaned(
                                "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'a'},'spec':{'finalizers':['kubernetes']}}"))
                .isEqualTo(json("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'a'}}"));
    }

    @Test
    void takesAddressesOfServicesUnlessTheyAreToBeKept() throws Exception {
        String service =
                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'a'},'spec':{'clusterIP':'10.0.0.1','clusterIPs':["
                        + "'10.0.0.1'],'healthCheckNodePort':30001,'ports':[{'port':80,'nodePort':30000}],'type':'LoadBalancer'}}";

        assertThat(cleaned(service).get("spec")).isEqualTo(json("{'ports':[{'port':80}],'type':'LoadBalancer'}"));
        StoredObject kept = object(service);
        new ManifestCleaner(Addresses.KEEP).clean(kept);
        assertThat(kept.json()).isEqualTo(json(service));
    }

    @Test
    void leavesAHeadlessServiceHeadless() throws Exception {
        assertThat(cleaned(
                                "{'apiVersion':'v1','kind':'Service','metadata':{'name':'a'},'spec':{'clusterIP':'None','clusterIPs':['None']}}")
                        .get("spec"))
                .isEqualTo(json("{'clusterIP':'None','clusterIPs':['None']}"));
    }

    @Test
    void loosensTheBindingOfClaimAndVolumeAndKeepsTheirNames() throws Exception {
        assertThat(cleaned("{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'a','annotations':{"
                        + "'pv.kubernetes.io/bind-completed':'yes','pv.kubernetes.io/bound-by-controller':'yes',"
                        + "'volume.kubernetes.io/selected-node':'n1'}},'spec':{'volumeName':'pv-a'}}"))
                .isEqualTo(
                        json(
                                "{'apiVersion':'v1','kind':'PersistentVolumeClaim','metadata':{'name':'a'},'spec':{'volumeName':'pv-a'}}"));
        assertThat(cleaned(
                                "{'apiVersion':'v1','kind':'PersistentVolume','metadata':{'name':'pv-a'},'spec':{'claimRef':{'name':'a',"
                                        + "'namespace':'shop','uid':'u','resourceVersion':'7'}}}")
                        .at("/spec/claimRef"))
                .isEqualTo(json("{'name':'a','namespace':'shop'}"));
    }

    @Test
    void takesTheSelectorThatKubernetesMadeForAJob() throws Exception {
        String made =
                "'controller-uid':'u','batch.kubernetes.io/controller-uid':'u','job-name':'a','batch.kubernetes.io/job-name':'a'";
        String job =
                "{'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'a'},'spec':{'manualSelector':%s,'selector':{'matchLabels':"
                        + "{'batch.kubernetes.io/controller-uid':'u'}},'template':{'metadata':{'labels':{'app':'a',"
                        + made + "}}}}}";

        assertThat(cleaned(job.formatted("false")).get("spec"))
                .isEqualTo(json("{'manualSelector':false,'template':{'metadata':{'labels':{'app':'a'}}}}"));
        assertThat(cleaned(job.formatted("true"))).isEqualTo(json(job.formatted("true")));
    }

    @Test
    void leavesTheTokenOfAServiceAccountToTheCluster() throws Exception {
        assertThat(cleaned(
                        "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'a','annotations':{'kubernetes.io/service-account.name':"
                                + "'web','kubernetes.io/service-account.uid':'u'}},'data':{'token':'dA==','ca.crt':'','namespace':'','mine':''},"
                                + "'type':'kubernetes.io/service-account-token'}"))
                .isEqualTo(
                        json(
                                "{'apiVersion':'v1','kind':'Secret','metadata':{'name':'a','annotations':{'kubernetes.io/"
                                        + "service-account.name':'web'}},'data':{'mine':''},'type':'kubernetes.io/service-account-token'}"));
    }

    @Test
    void takesAnObjectThatIsNotWhatItsKindSays() throws Exception {
        for (String spec : new String[] {"null", "[]", "'x'", "{'ports':['x',1],'claimRef':1,'template':[]}"}) {
            for (String kind : new String[] {"Service", "Pod", "PersistentVolume", "Namespace"}) {
                cleaned("{'apiVersion':'v1','kind':'" + kind + "','metadata':{'name':'a','annotations':1},'spec':"
                        + spec + "}");
            }
        }
    }

    private static JsonNode cleaned(String json) throws Exception {
        StoredObject object = object(json);
        new ManifestCleaner(Addresses.DROP).clean(object);
        return object.json();
    }

    private static StoredObject object(String json) throws Exception {
        return new StoredObject((ObjectNode) json(json), UnknownFields.NONE);
    }

    private static JsonNode json(String json) throws Exception {
        return JSON.readTree(json.replace('\'', '"'));
    }
}
