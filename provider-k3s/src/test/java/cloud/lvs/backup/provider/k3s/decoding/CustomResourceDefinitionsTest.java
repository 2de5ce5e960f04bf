package cloud.lvs.backup.provider.k3s.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class CustomResourceDefinitionsTest {
    @Test
    void givesEachVersionWhatAllHadInCommon() throws Exception {
        assertThat(
                        served(
                                "{'group':'g','version':'v1','versions':[{'name':'v1','served':true,'storage':true},{'name':'v2','served':true,"
                                        + "'storage':false}],'validation':{'openAPIV3Schema':{'type':'object'}},'subresources':{'status':{}},"
                                        + "'additionalPrinterColumns':[{'name':'A','type':'string','JSONPath':'.a'}],'preserveUnknownFields':false}"))
                .isEqualTo(json(
                        "{'group':'g','versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':"
                                + "'object'}},'subresources':{'status':{}},'additionalPrinterColumns':[{'name':'A','type':'string','jsonPath':"
                                + "'.a'}]},{'name':'v2','served':true,'storage':false,'schema':{'openAPIV3Schema':{'type':'object'}},"
                                + "'subresources':{'status':{}},'additionalPrinterColumns':[{'name':'A','type':'string','jsonPath':'.a'}]}],"
                                + "'conversion':{'strategy':'None'}}"));
    }

    @Test
    void keepsWhatAVersionHasForItself() throws Exception {
        assertThat(
                        served(
                                "{'group':'g','versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':"
                                        + "'object'}},'additionalPrinterColumns':[{'JSONPath':'.a'}]}],'conversion':{'strategy':'Webhook',"
                                        + "'webhookClientConfig':{'url':'https://x'},'conversionReviewVersions':['v1']},'preserveUnknownFields':false}"))
                .isEqualTo(json(
                        "{'group':'g','versions':[{'name':'v1','served':true,'storage':true,'schema':{'openAPIV3Schema':{'type':"
                                + "'object'}},'additionalPrinterColumns':[{'jsonPath':'.a'}]}],'conversion':{'strategy':'Webhook','webhook':{"
                                + "'clientConfig':{'url':'https://x'},'conversionReviewVersions':['v1']}}}"));
    }

    @Test
    void makesAVersionOfADefinitionFromBeforeThereWereSeveral() throws Exception {
        assertThat(served("{'group':'g','version':'v1'}"))
                .isEqualTo(json(
                        "{'group':'g','versions':[{'name':'v1','served':true,'storage':true}],'preserveUnknownFields':true,"
                                + "'conversion':{'strategy':'None'}}"));
    }

    private static JsonNode served(String spec) throws Exception {
        ObjectNode stored =
                (ObjectNode) json("{'apiVersion':'apiextensions.k8s.io/v1beta1','kind':'CustomResourceDefinition'}");
        stored.set("spec", json(spec));
        JsonNode served = CustomResourceDefinitions.asServed(stored);
        assertThat(served.get("apiVersion").asText()).isEqualTo("apiextensions.k8s.io/v1");
        return served.get("spec");
    }

    private static JsonNode json(String json) throws Exception {
        return new ObjectMapper().readTree(json.replace('\'', '"'));
    }
}
